"""The registry of the events of runs. A new one is one entry here, or one `register`.

Each is sent to event destinations, and as a signal of Django.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.dispatch import Signal
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stripeflow.workflows import signals
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus


@dataclass(frozen=True)
class RunEvent:
    """One type of events. `type` is what programs compare; `title` and `description` are for people.

    `left_as` is the state in which the run is left when it happens, with `held_reason` for one that is held;
    None for an event that its own code reports.
    """

    type: str
    title: Promise | str
    description: Promise | str
    signal: Signal
    left_as: RunStatus | None = None
    held_reason: HeldReason | None = None


_known: dict[str, RunEvent] = {}


def register(event: RunEvent) -> RunEvent:
    """Add a type of events. Raises `ValueError` if there is one of its name."""
    if _known.setdefault(event.type, event) is not event:
        raise ValueError(f"There is an event of the type {event.type!r}.")
    return event


@contextmanager
def temporarily(event: RunEvent) -> Iterator[RunEvent]:
    """Register a type for the length of a `with` block; meant for tests."""
    register(event)
    try:
        yield event
    finally:
        del _known[event.type]


def known() -> tuple[RunEvent, ...]:
    """All types, in the order of their registration."""
    return tuple(_known.values())


def choices() -> list[tuple[str, Promise | str]]:
    """Type and title of each, for forms."""
    return [(event.type, event.title) for event in known()]


def title_of(type_: str) -> str:
    """The title of a type; of one that is gone, and of a test event, its name."""
    event = _known.get(type_)
    return str(event.title) if event else type_


def of(status: RunStatus, held_reason: str = "") -> RunEvent | None:
    """The event of a run that is left in this state."""
    found = (event for event in known() if event.left_as is status)
    return next((event for event in found if (event.held_reason or "") == held_reason), None)


def may_be_told(status: RunStatus) -> bool:
    """Whether there is an event of runs that are left in this state."""
    return any(event.left_as is status for event in known())


STARTED = register(
    RunEvent(
        "run.started",
        pgettext_lazy("event of a run", "Run started"),
        _("A worker has begun the run."),
        signals.run_started,
    )
)
WAITING = register(
    RunEvent(
        "run.waiting",
        pgettext_lazy("event of a run", "Run waits"),
        _("The run has come to a step that waits: for a time, an event, people, or another workflow."),
        signals.run_waiting,
        left_as=RunStatus.WAITING,
    )
)
APPROVAL_ASKED = register(
    RunEvent(
        "run.approval_asked",
        pgettext_lazy("event of a run", "Approval asked"),
        _("People are asked to approve what the run would do."),
        signals.run_approval_asked,
    )
)
SUCCEEDED = register(
    RunEvent(
        "run.succeeded",
        pgettext_lazy("event of a run", "Run succeeded"),
        _("The run did all its steps."),
        signals.run_succeeded,
        left_as=RunStatus.SUCCEEDED,
    )
)
FAILED = register(
    RunEvent(
        "run.failed",
        pgettext_lazy("event of a run", "Run failed"),
        _("A step failed, or the run could not go on."),
        signals.run_failed,
        left_as=RunStatus.FAILED,
    )
)
OUTCOME_UNKNOWN = register(
    RunEvent(
        "run.outcome_unknown",
        pgettext_lazy("event of a run", "Outcome unknown"),
        _("Nobody knows whether a step took effect. The run stands still until a person says so."),
        # As always: receivers tell the two apart by the run's status.
        signals.run_failed,
        left_as=RunStatus.OUTCOME_UNKNOWN,
    )
)
UNDECIDED = register(
    RunEvent(
        "run.undecided",
        pgettext_lazy("event of a run", "Run undecided"),
        _("A condition is unknown. The run is held until a person has chosen its branch."),
        signals.run_undecided,
        left_as=RunStatus.HELD,
        held_reason=HeldReason.UNDECIDED,
    )
)
CANCELED = register(
    RunEvent(
        "run.canceled",
        pgettext_lazy("event of a run", "Run canceled"),
        _("A person or an event has canceled the run."),
        signals.run_canceled,
        left_as=RunStatus.CANCELED,
    )
)
