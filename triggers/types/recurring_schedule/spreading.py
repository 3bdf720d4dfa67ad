"""How much later than its time each start of a schedule is. Pure: all workers come to the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from stripeflow.triggers.types.recurring_schedule.timetable import Timetable

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Spread:
    """Each time starts by up to `most` later. `schedule` names the schedule: others get other delays."""

    most: timedelta = timedelta(0)
    schedule: str = ""

    def delay(self, tick: datetime, timetable: Timetable) -> timedelta:
        """Whole seconds, from none up to `most`, and always before the time that follows."""
        if not self.most:
            return timedelta(0)
        following = timetable.next_after(tick)
        room = self.most + _SECOND
        if following is not None:
            room = min(room, following - tick)
        seconds = max(room // _SECOND, 1)
        digest = sha256(f"{self.schedule}:{int(tick.timestamp())}".encode()).digest()
        return timedelta(seconds=int.from_bytes(digest[:8]) % seconds)

    def longest(self, tick: datetime, timetable: Timetable) -> timedelta:
        """The longest delay that the time may have, of whatever schedule."""
        following = timetable.next_after(tick) if self.most else None
        return self.most if following is None else min(self.most, following - tick - _SECOND)


AT_ONCE = Spread()
