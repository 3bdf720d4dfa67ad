"""Schedules that were looked at by a clock that was ahead: they go on by the clock of now."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from stripeflow.triggers.models import Event
from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.models import LeftOutTime, Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.begun import begun, came_about
from stripeflow.workflows.schedules.silence import silent_from
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

_AT_ONCE = 100
# Of times after now that have started a run already.
_MOST = 3000


def set_back(row: Schedule, timing: Timing, now: datetime) -> None:
    """Have the schedule go on with the first time after now that has not started a run.

    What was left out by the clock that was ahead is said to be that clock's doing.
    """
    following = next(_free(row, timing, now), None)
    values: dict[str, Any] = {"looked_at": now, "claimed_at": None}
    if decision := begun(row, timing):
        values["count"] = F("count") + len(came_about(row, decision.ticks))
    put_off = following is not None and (row.next_at is None or following < row.next_at)
    if put_off:
        values |= {"next_at": following, "silent_from": silent_from(timing, now), "last_at": _last(row, now)}
    queued = row.queued_for if row.queued_for is None or row.queued_for <= now else None
    waiting = now if queued else None
    next_at = following if put_off else row.next_at
    starts = timing.begins(next_at) if next_at else None
    values |= {"queued_for": queued, "look_at": min(filter(None, (starts, waiting)), default=None)}
    with transaction.atomic():
        mine = Schedule.objects.filter(
            pk=row.pk, look_at=row.look_at, looked_at=row.looked_at, version=row.version_id
        )
        if mine.update(**values):
            _say(row, now, put_off=put_off)


def _free(row: Schedule, timing: Timing, now: datetime) -> Iterator[datetime]:
    """The times that start after now and have started no run, as far as the schedule has runs left."""
    if timing.most is not None and row.count >= timing.most:
        return
    ahead = (at for at in timing.timetable.after(now - timing.spread.most) if timing.begins(at) > now)
    times = islice(ahead, _MOST)
    while some := list(islice(times, _AT_ONCE)):
        done = set(came_about(row, some))
        yield from (at for at in some if at not in done)


def _last(row: Schedule, now: datetime) -> datetime | None:
    """The newest time up to now that has started a run."""
    if row.last_at is None or row.last_at <= now:
        return row.last_at
    trigger = plan_of(row.version_id).trigger
    events = Event.objects.filter(
        source=trigger.source, type__in=trigger.topics_for(row.workflow_id), created__lte=now
    )
    return events.order_by("-created").values_list("created", flat=True).first()


def _say(row: Schedule, now: datetime, *, put_off: bool) -> None:
    ahead = LeftOutTime.objects.filter(workflow=row.workflow_id, last_at__gt=now)
    said = ahead.update(reason=LeftOutReason.CLOCK, first_at=Least("first_at", now), last_at=now)
    if put_off or said:
        facts = {"workflow": row.workflow_id, "looked_at": str(row.looked_at)}
        logger.warning("workflows.schedule.clock_was_ahead", extra=facts)
