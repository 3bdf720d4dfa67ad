"""Time zones, by the data that is installed with us, so that every machine names the same instants."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

UTC_NAME = "UTC"
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@cache
def names() -> tuple[str, ...]:
    """The names of all time zones, sorted."""
    return tuple(sorted(files("tzdata").joinpath("zones").read_text("utf-8").split()))


@cache
def find(name: str) -> ZoneInfo | None:
    """The zone of this name; None if there is none."""
    if name not in names():
        return None
    # Not `ZoneInfo(name)`: that prefers the machine's own data, which may be older on one of several.
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    """What the clocks of the zone are ahead of UTC at this instant."""
    return instant.astimezone(zone).utcoffset() or timedelta()


def wall_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks show at this instant, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks show `wall` for the first time, in UTC.

    If they never do, since they are put forward over it: the first instant after that.
    """
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if wall_at(before, zone) == wall:
        return before
    # In the gap, the offset of before names a later instant than the offset of after.
    return first_change(after, before, zone) or before


def first_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The first whole second after `start`, up to `end`, with another offset than at `start`."""
    return first_with_another(offset_at(start, zone), start, end, zone)


def first_with_another(offset: timedelta, start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The first whole second after `start`, up to `end`, whose offset is not `offset`.

    No zone changes it twice within a day.
    """
    low = start
    for high in _steps(start, end):
        if offset_at(high, zone) != offset:
            return _bisect(low, high, offset, zone)
        low = high
    return None


def _steps(start: datetime, end: datetime) -> Iterator[datetime]:
    at = start
    while at < end:
        at = min(at + _DAY, end)
        yield at


def _bisect(low: datetime, high: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """The change is after `low`, and at `high` or before."""
    while high - low > _SECOND:
        middle = low + (high - low) // 2 // _SECOND * _SECOND
        if middle in (low, high):
            break
        if offset_at(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high
