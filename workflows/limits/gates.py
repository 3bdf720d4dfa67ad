"""Gates: what may keep a step from beginning. The statement that begins it checks them atomically.

Each gate is a reason to hold a run; once the gate is open again, the run goes on.
"""

from functools import lru_cache, reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from stripeflow.triggers.sql import Bound, Given, Slot, Statement
from stripeflow.workflows.models import AccountPause, Deauthorization, Run, StepRun, Switch, Workflow
from stripeflow.workflows.models.run import HeldReason

Gates = tuple[HeldReason, ...]

# In this order: of several that are closed, the first one is the reason given.
ALL: Gates = (HeldReason.SWITCH, HeldReason.PAUSED, HeldReason.ACCOUNT_PAUSED, HeldReason.DEAUTHORIZED)
# For a run that reports an account that has disconnected: it acts as the platform, or writes to people.
ALL_BUT_ACCESS: Gates = ALL[:-1]


class GateClosed(Exception):
    """The step may not begin, for `reason`; nothing was written."""

    def __init__(self, reason: HeldReason) -> None:
        super().__init__(reason)
        self.reason = reason


def closed(reason: HeldReason) -> Exists:
    """For a query of runs: whether this gate is closed for one."""
    # No joins: with one, an update would check only the run's id again.
    return {
        HeldReason.SWITCH: lambda: Exists(Switch.objects.filter(pk=Switch.ROW, stopped_at__isnull=False)),
        HeldReason.PAUSED: lambda: Exists(
            Workflow.objects.filter(pk=OuterRef("workflow"), paused_at__isnull=False)
        ),
        HeldReason.ACCOUNT_PAUSED: lambda: Exists(AccountPause.objects.holding()),
        HeldReason.DEAUTHORIZED: lambda: Exists(Deauthorization.objects.holding()),
    }[reason]()


def any_closed(gates: Gates) -> Q:
    """For a query of runs: whether one of these gates is closed for one."""
    return reduce(or_, (Q(closed(reason)) for reason in gates))


def closed_for(run_id: UUID, gates: Gates) -> Bound:
    """The query that finds a row if one of these gates is closed for the run."""
    return _closed(gates).bound(pk=run_id)


def closed_for_each(gates: Gates) -> Bound:
    """The same in a condition of `insert_each`, for the run of each step that is inserted."""
    return _closed_for_each(gates).bound()


def first_closed(runs: Any, gates: Gates) -> HeldReason | None:  # noqa: ANN401  a queryset of one run
    """Which of these gates is closed for the run, if one is. Raises `Run.DoesNotExist`."""
    columns = {f"gate_{number}": closed(reason) for number, reason in enumerate(gates)}
    found = runs.annotate(**columns).values_list(*columns).get()
    return next((reason for reason, is_closed in zip(gates, found, strict=True) if is_closed), None)


@lru_cache(maxsize=8)
def _closed(gates: Gates) -> Statement:
    return Statement(
        lambda: Run.objects.filter(any_closed(gates), pk=Slot(Run, "pk")).order_by().values_list("pk")
    )


@lru_cache(maxsize=8)
def _closed_for_each(gates: Gates) -> Statement:
    return Statement(
        lambda: Run.objects.filter(any_closed(gates), pk=Given(StepRun, "run")).order_by().values_list("pk")
    )
