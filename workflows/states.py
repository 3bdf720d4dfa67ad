"""The states of workflows, runs, step runs, items of loops and deliveries, and the only changes between them.

`TRANSITIONS` of each kind is the one table: the engine, the admin and the API ask it, the README
prints it, and a test walks every pair.
"""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """A state that knows which states may follow it."""

    def may_become(self, new: Self) -> bool:
        """Whether the table of transitions has `self` → `new`."""
        return new in TRANSITIONS[type(self)][self]

    @classmethod
    def before(cls, new: Self) -> tuple[Self, ...]:
        """The states from which `new` may be reached: the WHERE of a guarded update."""
        return tuple(state for state in cls if state.may_become(new))


class WorkflowStatus(State):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")
    ARCHIVED = "archived", _("Archived")


class RunStatus(State):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held")
    OUTCOME_UNKNOWN = "outcome_unknown", _("Outcome unknown")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")

    @property
    def is_final(self) -> bool:
        """Whether the engine will do nothing more by itself."""
        return self in {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED}


class StepStatus(State):
    STARTED = "started", _("Started")
    WAITING = "waiting", _("Waiting")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    OUTCOME_UNKNOWN = "outcome_unknown", _("Outcome unknown")

    @property
    def is_recorded(self) -> bool:
        """Whether the outcome is known, so that the step never runs again by itself."""
        return self in {StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED}


class ItemStatus(State):
    """Of one item that a loop takes."""

    PENDING = "pending", _("Still to come")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")


class DeliveryStatus(State):
    """Of one event for one destination."""

    PENDING = "pending", _("Waits to be sent")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")

    @property
    def is_final(self) -> bool:
        """Whether nothing more is sent, unless a person has it sent again."""
        return self in {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELED}


_W, _R, _S, _I, _D = WorkflowStatus, RunStatus, StepStatus, ItemStatus, DeliveryStatus

TRANSITIONS: dict[type[State], dict[State, frozenset[State]]] = {
    WorkflowStatus: {
        # ACTIVE → ACTIVE publishes a new version.
        _W.DRAFT: frozenset({_W.ACTIVE, _W.ARCHIVED}),
        _W.ACTIVE: frozenset({_W.ACTIVE, _W.INACTIVE}),
        _W.INACTIVE: frozenset({_W.ACTIVE, _W.ARCHIVED}),
        _W.ARCHIVED: frozenset({_W.INACTIVE, _W.DRAFT}),
    },
    RunStatus: {
        _R.QUEUED: frozenset({_R.RUNNING, _R.HELD, _R.CANCELED}),
        # RUNNING → RUNNING is the claim of a run whose worker lost its lease.
        _R.RUNNING: frozenset(
            {_R.RUNNING, _R.WAITING, _R.HELD, _R.OUTCOME_UNKNOWN, _R.SUCCEEDED, _R.FAILED, _R.CANCELED}
        ),
        _R.WAITING: frozenset({_R.RUNNING, _R.HELD, _R.CANCELED}),
        _R.HELD: frozenset({_R.QUEUED, _R.CANCELED}),
        _R.OUTCOME_UNKNOWN: frozenset({_R.QUEUED, _R.CANCELED}),
        _R.SUCCEEDED: frozenset(),
        _R.FAILED: frozenset({_R.QUEUED}),
        _R.CANCELED: frozenset(),
    },
    StepStatus: {
        # STARTED → STARTED repeats a call whose outcome was not recorded.
        _S.STARTED: frozenset(
            {_S.STARTED, _S.WAITING, _S.SUCCEEDED, _S.FAILED, _S.SKIPPED, _S.OUTCOME_UNKNOWN}
        ),
        # WAITING → SUCCEEDED is a person's choice of a branch.
        _S.WAITING: frozenset({_S.STARTED, _S.SUCCEEDED, _S.SKIPPED, _S.FAILED, _S.OUTCOME_UNKNOWN}),
        _S.SUCCEEDED: frozenset(),
        # A person's retry leaves the failed attempt as it is, and opens the next group beside it.
        _S.FAILED: frozenset(),
        _S.SKIPPED: frozenset(),
        _S.OUTCOME_UNKNOWN: frozenset({_S.WAITING, _S.SUCCEEDED, _S.FAILED}),
    },
    ItemStatus: {
        _I.PENDING: frozenset({_I.SUCCEEDED, _I.FAILED}),
        _I.SUCCEEDED: frozenset(),
        # A person's retry takes the items that failed once more.
        _I.FAILED: frozenset({_I.PENDING}),
    },
    DeliveryStatus: {
        _D.PENDING: frozenset({_D.SENDING, _D.CANCELED}),
        # SENDING → SENDING takes over from a process that ended.
        _D.SENDING: frozenset({_D.SENDING, _D.PENDING, _D.DELIVERED, _D.FAILED, _D.CANCELED}),
        # A person has it sent again.
        _D.DELIVERED: frozenset({_D.PENDING}),
        _D.FAILED: frozenset({_D.PENDING}),
        _D.CANCELED: frozenset({_D.PENDING}),
    },
}
