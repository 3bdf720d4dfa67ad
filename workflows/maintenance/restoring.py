"""After a database was restored from a backup: nothing starts until a person has looked.

Effects of the lost hours at Stripe are recognised by the same keys and metadata (see `run_ids`). An e-mail,
or a call without a key, is not: a run with such a step ahead is held for a person to judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from stripeflow.triggers import conf
from stripeflow.triggers.reconcile import Counts, listings, reconcile
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition import kinds as step_kinds
from stripeflow.workflows.definition.lane import Role
from stripeflow.workflows.definition.plan import LanePlan, StepPlan, WayPlan
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.versions.plans import plan_of

_BATCH = 500


@dataclass(frozen=True)
class Restored:
    """The events found in each listing of Stripe's, and how many runs are held for a person."""

    counts: dict[str, Counts] = field(default_factory=dict)
    held: int = 0


def restored(at: datetime, *, act: Act = NOBODY) -> Restored:
    """Stop everything, accept events since the backup made `at`, and hold runs for a person to judge.

    Call it while no worker is running. May be repeated.
    Raises `stripeflow.triggers.event_listing.ListingError`.
    """
    with transaction.atomic():
        switch.stop_restored(reason=_("A backup of %s was restored.") % f"{at:%Y-%m-%d %H:%M} UTC")
        record(kinds.BACKUP_RESTORED, act, after={"backup_of": at.isoformat()})
    # An event may have been created before the backup, and have arrived after it.
    since = at - timedelta(seconds=conf.get_int("RECONCILE_WINDOW_SECONDS"))
    counts = {
        listing.name: reconcile(listing, since=since).counts
        for listing in listings(accounts=conf.reconcile_accounts())
    }
    return Restored(counts, hold())


def hold() -> int:
    """Hold the unfinished runs with a step ahead that could happen twice; returns how many."""
    waits = [status for status in RunStatus if status.may_become(RunStatus.HELD)]
    doubtful = list(_doubtful(waits))
    for begin in range(0, len(doubtful), _BATCH):
        some = Run.objects.filter(pk__in=doubtful[begin : begin + _BATCH])
        some.filter(status=RunStatus.HELD).update(held_reason=HeldReason.RESTORED)
        some.filter(status__in=waits).update(
            status=RunStatus.HELD,
            held_reason=HeldReason.RESTORED,
            token=None,
            lease_expires_at=None,
            due_at=None,
            rung_at=None,
        )
    return Run.objects.filter(status=RunStatus.HELD, held_reason=HeldReason.RESTORED).count()


def _doubtful(waits: list[RunStatus]) -> Iterator[UUID]:
    runs = Run.objects.filter(status__in=[*waits, RunStatus.HELD]).order_by()
    # Of a loop that is under way its own row tells enough: its steps may have been done without a trace.
    outside = StepRun.objects.exclude(path__contains="/").only("run_id", "path", "status", "branch_key")
    steps = Prefetch("steps", outside)
    for run in runs.only("pk", "version_id").prefetch_related(steps).iterator(chunk_size=_BATCH):
        recorded = {step.path: step for step in run.steps.all() if step.state.is_recorded}
        if any(_asking(plan_of(run.version_id).steps, recorded)):
            yield run.pk


def _asking(steps: tuple[StepPlan, ...], recorded: dict[str, StepRun]) -> Iterator[str]:
    """The keys of the steps ahead, on any branch, that may have been done without a trace."""
    for step in steps:
        record = recorded.get(step.key)
        if record is None and step_kinds.of(step.head).asks(step):
            yield step.key
        is_over = record is not None and step_kinds.of(step.head).loops
        for lane in step.lanes if not is_over else ():
            if record is None or _may_enter(record, lane):
                yield from _asking(lane.steps, recorded)


def _may_enter(record: StepRun, lane: LanePlan | WayPlan) -> bool:
    """Whether a step with this outcome leads into the lane."""
    if lane.role is Role.ERROR:
        return record.status == StepStatus.FAILED
    return record.branch_key == lane.key
