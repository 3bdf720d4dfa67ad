"""When a wait is over. Pure: it takes values and returns instants in UTC.

Minutes and hours are exact. Days and weeks before or after a date keep the time of day in the zone; a time
that does not exist there is the first instant after the gap, and of one that exists twice, the first counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# The longest wait. A run that waits longer is most likely one whose date was misread.
LONGEST = timedelta(days=400)
# A window opens at least once in this many days, also where a zone has skipped one.
_DAYS_OF_WINDOWS = 15


class Unit(StrEnum):
    """What a time is counted in. The value is the name that `timedelta` has for it."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"

    @property
    def keeps_time_of_day(self) -> bool:
        return self in (Unit.DAYS, Unit.WEEKS)


@dataclass(frozen=True)
class Window:
    """The days of the week, 0 for Monday, and the hours of the day at which a run may go on."""

    weekdays: frozenset[int] = frozenset(range(7))
    begins: int = 0
    ends: int = 24


def span(amount: int, unit: Unit) -> timedelta:
    """So many minutes, hours, days of 24 hours, or weeks."""
    return timedelta(**{unit.value: amount})


def moment(value: int | str, zone: ZoneInfo) -> datetime:
    """Unix seconds, or a date in ISO format: where it says no zone, in `zone`; without a time, its midnight.

    Raises `ValueError` or `OverflowError` for what is no date.
    """
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(value)
    return first_instant(found, zone) if found.tzinfo is None else found.astimezone(UTC)


def shifted(at: datetime, amount: int, unit: Unit, zone: ZoneInfo) -> datetime:
    """The instant that is so much later than `at`; earlier if `amount` is negative."""
    if not unit.keeps_time_of_day:
        return at + span(amount, unit)
    return first_instant(at.astimezone(zone).replace(tzinfo=None) + span(amount, unit), zone)


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in the zone show `wall`, or have just gone past it."""
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    return _end_of_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)


def within(at: datetime, window: Window, zone: ZoneInfo) -> datetime:
    """`at` if the window is open then, else the next instant at which it opens.

    Raises `ValueError` if it never opens.
    """
    first = at.astimezone(zone).date()
    for begins, ends in _openings(first, window, zone):
        if at < ends:
            return max(at, begins)
    raise ValueError("The window never opens.")


def _openings(first: date, window: Window, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    for number in range(_DAYS_OF_WINDOWS):
        day = first + timedelta(days=number)
        if day.weekday() not in window.weekdays:
            continue
        midnight = datetime.combine(day, time())
        begins = first_instant(midnight + timedelta(hours=window.begins), zone)
        ends = first_instant(midnight + timedelta(hours=window.ends), zone)
        # A day that the zone has skipped has no hours.
        if begins < ends:
            yield begins, ends


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second after a change of the clocks between the two instants."""
    offset = after.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return datetime.fromtimestamp(high, UTC)
