"""When a trigger starts its workflow by itself, and what it does about times that were missed or overlap."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from stripeflow.triggers.types.recurring_schedule.missed import CatchUp
from stripeflow.triggers.types.recurring_schedule.spreading import Spread
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable


class Overlap(StrEnum):
    """What becomes of a time at which a run of the workflow has not ended yet."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True)
class Timing:
    """A timetable with its rules. `most` is how many runs it starts at all; None is any number.

    With a spread, the timing of one schedule is `of` it.
    """

    timetable: Timetable
    catch_up: CatchUp = field(default_factory=CatchUp)
    overlap: Overlap = Overlap.SKIP
    most: int | None = None
    spread: Spread = field(default_factory=Spread)

    def of(self, schedule: object) -> "Timing":
        """The same of the schedule that this identifies, which decides by how much each time is delayed."""
        return replace(self, spread=replace(self.spread, schedule=str(schedule)))

    def begins(self, tick: datetime) -> datetime:
        """When this time of the timetable starts its run: at it, or later by its delay."""
        return tick + self.spread.delay(tick, self.timetable)
