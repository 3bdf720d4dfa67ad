"""When a schedule counts as silent: two of its times have passed, and neither came about."""

from datetime import datetime

from stripeflow.triggers.types.recurring_schedule.missed import ON_TIME
from stripeflow.triggers.types.recurring_schedule.timing import Timing


def silent_from(timing: Timing, since: datetime) -> datetime | None:
    """When it is silent if nothing comes about after `since`; None if it has no two times left."""
    following = timing.timetable.upcoming(since, count=2)
    return timing.begins(following[1]) + ON_TIME if len(following) == 2 else None
