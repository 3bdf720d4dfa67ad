"""Times of a schedule that start nothing: up to when it is done then, with a record of them."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from stripeflow.triggers.types.recurring_schedule.missed import LeftOut
from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.models import LeftOutTime, Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.begun import begun, came_about, standing_of
from stripeflow.workflows.schedules.deciding import Standing, decide
from stripeflow.workflows.schedules.silence import silent_from
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

_LeftOut = list[tuple[LeftOutReason, LeftOut | None]]
_Before = tuple[Standing, dict[str, Any], _LeftOut]


def pass_over_due(rows: QuerySet[Schedule], *, reason: LeftOutReason, now: datetime) -> None:
    """Leave out what has passed up to now, of each of the rows. Called within the transaction that ends it.

    A worker that is at one of them sees that the row is no longer its own.
    """
    passed = Q(next_at__lte=now) | Q(queued_for__isnull=False)
    for row in rows.filter(passed).order_by("pk").select_for_update():
        timing = plan_of(row.version_id).trigger.timing_of(row.workflow_id)
        if timing is not None:
            pass_over(row, timing, reason=reason, now=now)


def pass_over(row: Schedule, timing: Timing, *, reason: LeftOutReason, now: datetime) -> None:
    """Have times pass without a run that would have to be held. What had come about before stays counted."""
    standing, values, left_out = _of_before(row, timing, reason)
    allowing = Timing(timing.timetable, timing.catch_up, spread=timing.spread)
    decision = decide(standing, allowing, now=now, is_busy=True)
    following = decision.standing.next_at
    values |= {
        "next_at": following,
        "queued_for": None,
        "look_at": timing.begins(following) if following else None,
        "silent_from": silent_from(timing, now) if following else None,
    }
    left_out += [(reason, decision.missed), (reason, decision.overlapping)]
    write(row, values, left_out)


def _of_before(row: Schedule, timing: Timing, reason: LeftOutReason) -> _Before:
    """Where the row stands if a worker that died, or is at it, has begun; and what it leaves out."""
    decision = begun(row, timing)
    if decision is None:
        return standing_of(row), {}, []
    came = came_about(row, decision.ticks)
    others = [LeftOut(tick, tick) for tick in decision.ticks if tick not in came]
    row.last_at, count = came[-1], row.count + len(came)
    left_out = [(LeftOutReason.MISSED, decision.missed), (LeftOutReason.OVERLAP, decision.overlapping)]
    left_out += [(reason, one) for one in others]
    return replace(decision.standing, count=count), {"last_at": row.last_at, "count": count}, left_out


def write(row: Schedule, values: dict[str, Any], left_out: _LeftOut) -> None:
    """Write the row and the record, if the row is still ours."""
    mine = Schedule.objects.filter(pk=row.pk, look_at=row.look_at)
    with transaction.atomic():
        if mine.update(claimed_at=None, **values):
            for reason, one in left_out:
                if one is not None:
                    _record(row, reason, one)


def _record(row: Schedule, reason: LeftOutReason, one: LeftOut) -> None:
    """Count on in the newest row, if nothing has come about since; else begin another one."""
    newest = LeftOutTime.objects.filter(workflow=row.workflow_id).first()
    facts = {"workflow": row.workflow_id, "reason": str(reason), "count": one.count}
    logger.warning("workflows.schedule.left_out", extra=facts)
    if newest and newest.reason == reason and (row.last_at is None or newest.last_at > row.last_at):
        mine = LeftOutTime.objects.filter(pk=newest.pk)
        first, last = min(newest.first_at, one.first), max(newest.last_at, one.last)
        mine.update(first_at=first, last_at=last, count=F("count") + one.count, more=newest.more or one.more)
        return
    LeftOutTime.objects.create(
        workflow_id=row.workflow_id,
        reason=reason,
        first_at=one.first,
        last_at=one.last,
        count=one.count,
        more=one.more,
    )
