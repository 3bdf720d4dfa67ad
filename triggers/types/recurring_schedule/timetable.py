"""A schedule as a value: a recurrence with its first and last day, and the days that it leaves out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from stripeflow.triggers.types.recurring_schedule.recurrence import Recurrence
from stripeflow.triggers.types.recurring_schedule.zones import first_instant, wall_at

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Timetable:
    """Which instants there are. `starts` and `ends` may be instants themselves; days are those of `zone`."""

    recurrence: Recurrence
    zone: ZoneInfo
    starts: datetime | None = None
    ends: datetime | None = None
    excluded: frozenset[date] = frozenset()

    def next_after(self, instant: datetime) -> datetime | None:
        """The first instant after this one, in UTC; None if there is none."""
        at = instant if self.starts is None else max(instant, self.starts - _SECOND)
        while (found := self.recurrence.next_after(at)) is not None:
            if self.ends is not None and found > self.ends:
                return None
            if wall_at(found, self.zone).date() not in self.excluded:
                return found
            at = max(found, self._last_second_of_its_day(found))
        return None

    def after(self, instant: datetime) -> Iterator[datetime]:
        """All that follow, in their order."""
        at: datetime | None = instant
        while at is not None and (at := self.next_after(at)) is not None:
            yield at

    def from_(self, instant: datetime) -> Iterator[datetime]:
        """All that follow, and the instant itself if it is one of them."""
        return (at for at in self.after(instant - _SECOND) if at >= instant)

    def upcoming(self, instant: datetime, *, count: int = 5) -> list[datetime]:
        """The next few; fewer if there are no more."""
        return list(islice(self.after(instant), count))

    def _last_second_of_its_day(self, instant: datetime) -> datetime:
        following = wall_at(instant, self.zone).date() + _DAY
        return first_instant(datetime.combine(following, time()), self.zone) - _SECOND
