"""The part of the sweep that starts workflows by their schedules. It needs no message of the queue.

A worker claims the row of a schedule by a guarded update, gives the times that are due to the inbox, and
writes to the row up to when it is done. If it dies after one of the times has started a run, the next worker
decides as of the same moment. The inbox knows each time by workflow and instant. So each time makes one
event, however many workers look at it and whenever they die.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import Error
from django.utils import timezone

from stripeflow.triggers.types.recurring_schedule.timing import Overlap, Timing
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.pausing import is_held_for
from stripeflow.workflows.matching.addressed import Occurrence, accept_for
from stripeflow.workflows.models import Run, Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.begun import begun, standing_of
from stripeflow.workflows.schedules.clocks import set_back
from stripeflow.workflows.schedules.deciding import Decision, decide
from stripeflow.workflows.schedules.held import held, last_success
from stripeflow.workflows.schedules.leaving_out import pass_over, write
from stripeflow.workflows.schedules.naming import identity_of
from stripeflow.workflows.schedules.silence import silent_from
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

BATCH = 100
# How long a worker may take for one schedule until another one takes over.
LEASE = timedelta(seconds=30)
# How soon it is looked again whether a run has ended.
AGAIN = timedelta(seconds=5)


class _Lost(Exception):
    """The row is no longer ours."""

    def __init__(self, made: int) -> None:
        super().__init__(made)
        self.made = made


def tick(now: datetime | None = None) -> int:
    """Have the schedules come about that are due; returns how many events that made.

    One query if nothing is due. A failure of one schedule does not stop the others.
    """
    now = now or timezone.now()
    rows = Schedule.objects.due(now).select_related("version", "workflow")
    return sum(_safely(row, now) for row in rows.defer("version__document", "version__types")[:BATCH])


def _safely(row: Schedule, now: datetime) -> int:
    try:
        return _look(row, now)
    except Error:
        raise
    except Exception:
        # The claim runs out, and it is looked at again.
        logger.exception("workflows.schedule.failed", extra={"workflow": row.workflow_id})
        return 0


def _look(row: Schedule, now: datetime) -> int:
    timing = plan_of(row.version_id).trigger.timing_of(row.workflow_id)
    if timing is None:
        return 0
    if row.looked_ahead(now):
        set_back(row, timing, now)
        return 0
    decision = begun(row, timing)
    # Who takes over makes the same of it, once anything has come of it; else it is decided again.
    as_of = row.claimed_at if decision else now
    if not _claim(row, now, as_of=as_of):
        return 0
    if reason := _reason_to_pass(row):
        pass_over(row, timing, reason=reason, now=now)
        return 0
    decision = decision or _decide(row, timing, now)
    try:
        made = _accept(row, decision.ticks, now)
    except _Lost as lost:
        # Who has the row now goes on with it, or the workflow was deactivated.
        return lost.made
    _finish(row, timing, decision, now)
    return made


def _claim(row: Schedule, now: datetime, *, as_of: datetime | None) -> bool:
    """Take the row for a while; False if another worker was first."""
    until = now + LEASE
    mine = Schedule.objects.filter(pk=row.pk, look_at=row.look_at, version=row.version_id)
    if not mine.update(look_at=until, looked_at=now, claimed_at=as_of):
        return False
    row.look_at, row.looked_at = until, now
    return True


def _reason_to_pass(row: Schedule) -> LeftOutReason | None:
    """Why each run would have to be held."""
    if switch.is_stopped():
        return LeftOutReason.STOPPED
    if row.workflow.paused_at is not None:
        return LeftOutReason.PAUSED
    side = plan_of(row.version_id).scope.only
    return LeftOutReason.ACCOUNT if side and is_held_for(row.workflow_id, side) else None


def _decide(row: Schedule, timing: Timing, now: datetime) -> Decision:
    free = decide(standing_of(row), timing, now=now, is_busy=False)
    if timing.overlap is Overlap.ALLOW or not free.ticks or not _is_busy(row.workflow_id):
        return free
    return decide(standing_of(row), timing, now=now, is_busy=True)


def _is_busy(workflow_id: int) -> bool:
    """Whether a run of the workflow has not ended yet."""
    runs = Run.objects.filter(workflow=workflow_id)
    stopped = runs.in_attention().filter(status__in=(RunStatus.HELD, RunStatus.OUTCOME_UNKNOWN))
    return runs.in_work().exists() or stopped.exists()


def _accept(row: Schedule, ticks: Sequence[datetime], now: datetime) -> int:
    """Give the times to the inbox, for as long as the row is ours; returns how many were new."""
    if not ticks:
        return 0
    previous, succeeded = row.last_at, last_success(row.workflow_id, now)
    made = 0
    for at in ticks:
        if not _is_ours(row):
            raise _Lost(made)
        occurrence = Occurrence(identity_of(at), at, held(at, previous=previous, succeeded=succeeded))
        made += accept_for(row.version, occurrence).created
        previous = at
    return made


def _is_ours(row: Schedule) -> bool:
    """Whether no other worker has taken over, and the workflow is active as it was."""
    mine = Schedule.objects.filter(pk=row.pk, look_at=row.look_at, version=row.version_id)
    return mine.filter(workflow__active_version=row.version_id).exists()


def _finish(row: Schedule, timing: Timing, decision: Decision, now: datetime) -> None:
    """Write up to when it is done, and what was left out, if the row is still ours."""
    after = decision.standing
    starts = timing.begins(after.next_at) if after.next_at else None
    values: dict[str, Any] = {
        "next_at": after.next_at,
        "queued_for": after.queued_for,
        "look_at": min(filter(None, (starts, now + AGAIN if after.queued_for else None)), default=None),
        "count": after.count,
    }
    if decision.ticks:
        last = decision.ticks[-1]
        values |= {"last_at": last, "silent_from": silent_from(timing, last) if after.next_at else None}
    left_out = [(LeftOutReason.MISSED, decision.missed), (LeftOutReason.OVERLAP, decision.overlapping)]
    write(row, values, left_out)
