"""Times of a schedule that start nothing: up to when it is done then, with a record of them."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from stripeflow.triggers.types.recurring_schedule.missed import LeftOut
from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.models import LeftOutTime, Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.deciding import Standing, decide
from stripeflow.workflows.schedules.silence import silent_from

logger = logging.getLogger(__name__)


def pass_over(row: Schedule, timing: Timing, now: datetime) -> None:
    """While the workflow is paused, times pass without a run that would have to be held."""
    allowing = Timing(timing.timetable, timing.catch_up)
    decision = decide(Standing(row.next_at, row.queued_for, row.count), allowing, now=now, is_busy=True)
    passed = [one for one in (decision.missed, decision.overlapping) if one]
    following = decision.standing.next_at
    values = {
        "next_at": following,
        "queued_for": None,
        "look_at": following,
        "silent_from": silent_from(timing, now) if following else None,
    }
    write(row, values, [(LeftOutReason.PAUSED, one) for one in passed])


def write(
    row: Schedule, values: dict[str, Any], left_out: list[tuple[LeftOutReason, LeftOut | None]]
) -> None:
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
        mine.update(last_at=one.last, count=F("count") + one.count, more=newest.more or one.more)
        return
    LeftOutTime.objects.create(
        workflow_id=row.workflow_id,
        reason=reason,
        first_at=one.first,
        last_at=one.last,
        count=one.count,
        more=one.more,
    )
