"""When a trigger starts its workflow by itself, and what it does about times that were missed or overlap."""

from dataclasses import dataclass, field
from enum import StrEnum

from stripeflow.triggers.types.recurring_schedule.missed import CatchUp
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable


class Overlap(StrEnum):
    """What becomes of a time at which a run of the workflow has not ended yet."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True)
class Timing:
    """A timetable with its rules. `most` is how many runs it starts at all; None is any number."""

    timetable: Timetable
    catch_up: CatchUp = field(default_factory=CatchUp)
    overlap: Overlap = Overlap.SKIP
    most: int | None = None
