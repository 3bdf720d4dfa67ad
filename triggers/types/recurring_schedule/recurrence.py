"""How a schedule recurs: by arithmetic in UTC, or at what the clocks of a zone show."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from stripeflow.triggers.types.recurring_schedule.zones import (
    first_instant,
    first_with_another,
    offset_at,
    wall_at,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
MAX_CRON = 100


class InvalidCron(ValueError):
    """No such cron expression."""


class Recurrence(Protocol):
    """What names instants."""

    def next_after(self, instant: datetime) -> datetime | None:
        """The first instant after this one, in UTC; None if there is none."""


@dataclass(frozen=True)
class Every:
    """Each time that `period` has passed since `anchor`. No zone's clocks have a say in it."""

    period: timedelta
    anchor: datetime = EPOCH

    def next_after(self, instant: datetime) -> datetime | None:
        """The anchor itself is the first."""
        if instant < self.anchor:
            return self.anchor
        return self.anchor + ((instant - self.anchor) // self.period + 1) * self.period


@dataclass(frozen=True)
class AtWallTime:
    """Whenever the clocks of `zone` show what `cron` says (five fields: minute, hour, day, month, weekday).

    - Of a time that the clocks show twice, the first one counts.
    - In place of a time that they leave out comes the first instant after that, once.
    - An expression whose minute or hour begins with `*` repeats within the day, and goes on while the
      clocks are put back: it counts whatever they show, also the second time. A time that is left out is
      one of many then, and nothing comes in its place.

    Raises InvalidCron.
    """

    cron: str
    zone: ZoneInfo

    def __post_init__(self) -> None:
        check_cron(self.cron)

    def next_after(self, instant: datetime) -> datetime | None:
        """Without a time in 50 years, there is none."""
        return self._by_clock(instant) if self.repeats_within_the_day else self._once_each(instant)

    @property
    def repeats_within_the_day(self) -> bool:
        """Whether it counts whatever the clocks show, as Debian's cron does."""
        minute, hour, *_others = self.cron.split()
        return minute.startswith("*") or hour.startswith("*")

    def _once_each(self, instant: datetime) -> datetime | None:
        walls = _walls(self.cron, wall_at(instant, self.zone))
        try:
            # What the clocks showed before has passed, and what they show twice has passed with the first.
            return next(found for wall in walls if (found := first_instant(wall, self.zone)) > instant)
        except (StopIteration, OverflowError):
            return None

    def _by_clock(self, instant: datetime) -> datetime | None:
        at, offset = instant.astimezone(UTC), offset_at(instant, self.zone)
        while True:
            wall = _next_wall(self.cron, (at + offset).replace(tzinfo=None))
            if wall is None:
                return None
            tick = wall.replace(tzinfo=UTC) - offset
            change = first_with_another(offset, at, tick, self.zone)
            if change is None:
                return tick
            at, offset = change - _SECOND, offset_at(change, self.zone)


def check_cron(cron: str) -> None:
    """Raise InvalidCron if it is none of five fields, or names a day that no month has."""
    if len(cron) > MAX_CRON or len(cron.split()) != 5:
        raise InvalidCron(cron)
    try:
        CronSim(cron, datetime(2000, 1, 1))  # noqa: DTZ001  the clocks of any zone
    except CronSimError as error:
        raise InvalidCron(cron) from error


def _walls(cron: str, after: datetime) -> CronSim:
    return CronSim(cron, after.replace(microsecond=0))


def _next_wall(cron: str, after: datetime) -> datetime | None:
    try:
        return next(_walls(cron, after))
    except (StopIteration, OverflowError):
        return None
