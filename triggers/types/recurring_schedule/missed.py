"""What becomes of times that passed while nobody looked: an outage, a deployment."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from stripeflow.triggers.types.recurring_schedule.spreading import AT_ONCE, Spread
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable

# One that is not older was not missed: workers look once a second, and are started again in between.
ON_TIME = timedelta(minutes=1)
# Of those before the window, so that a year of minutes is not gone through one by one.
MOST_COUNTED = 1000
_SECOND = timedelta(seconds=1)


class Missed(StrEnum):
    """What is done with missed times."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True)
class CatchUp:
    """What is done with missed times that are not older than `within`; `up_to` counts for ALL."""

    missed: Missed = Missed.ONCE
    up_to: int = 1
    within: timedelta = timedelta(hours=24)

    def most(self) -> int:
        """How many times come about at once, at most."""
        return self.up_to if self.missed is Missed.ALL else 1

    def oldest(self, now: datetime) -> datetime:
        """Times before this one are not caught up."""
        return now - (ON_TIME if self.missed is Missed.SKIP else max(self.within, ON_TIME))


@dataclass(frozen=True)
class LeftOut:
    """Times that do not come about: how many, and between which. `more`: not all of them were counted."""

    first: datetime
    last: datetime
    count: int = 1
    more: bool = False

    def and_then(self, tick: datetime) -> "LeftOut":
        """The same with one more."""
        return replace(self, last=tick, count=self.count + 1)


@dataclass(frozen=True)
class Due:
    """The times that come about now, in their order; what is left out; and the first that is not due yet."""

    ticks: tuple[datetime, ...] = ()
    left_out: LeftOut | None = None
    following: datetime | None = None


def due(
    timetable: Timetable, *, first: datetime, now: datetime, catch_up: CatchUp, spread: Spread = AT_ONCE
) -> Due:
    """What is due of the times from `first` on, which is one of them, up to `now`.

    A time that starts later by its delay is due then, and was missed if that is too long ago. Of several, the
    newest ones come about. What this takes is bounded, however long nobody looked.
    """
    ticks: deque[datetime] = deque()
    left_out: LeftOut | None = None
    oldest = catch_up.oldest(now)
    at: datetime | None = first
    while at is not None and (begins := at + spread.delay(at, timetable)) <= now:
        ticks.append(at)
        if len(ticks) > catch_up.most() or begins < oldest:
            out = ticks.popleft()
            left_out = left_out.and_then(out) if left_out else LeftOut(out, out)
        if left_out and left_out.count == MOST_COUNTED and begins < oldest:
            # One that came before, and starts late, may still be due.
            from_ = max(at + _SECOND, oldest - spread.most)
            left_out, at = replace(left_out, last=from_, more=True), from_ - _SECOND
        at = timetable.next_after(at)
    return Due(tuple(ticks), left_out, at)
