"""What comes about of a schedule at a moment. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stripeflow.triggers.types.recurring_schedule.missed import Due, LeftOut, due
from stripeflow.triggers.types.recurring_schedule.timing import Overlap, Timing


@dataclass(frozen=True)
class Standing:
    """Where a schedule stands: the first time that is not done, one that waits, and how many came about."""

    next_at: datetime | None
    queued_for: datetime | None = None
    count: int = 0


@dataclass(frozen=True)
class Decision:
    """The times that come about, in their order; what is left out, by reason; and where it stands then."""

    ticks: Sequence[datetime]
    standing: Standing
    missed: LeftOut | None = None
    overlapping: LeftOut | None = None


def decide(standing: Standing, timing: Timing, *, now: datetime, is_busy: bool) -> Decision:
    """What comes about now. `is_busy`: a run of the workflow has not ended yet."""
    found = _due(standing, timing, now)
    waiting = [standing.queued_for] if standing.queued_for else []
    ticks: list[datetime] = []
    queued: datetime | None = None
    overlapping: LeftOut | None = None
    for tick in [*waiting, *found.ticks]:
        if timing.overlap is Overlap.ALLOW or not (is_busy or ticks):
            ticks.append(tick)
        elif timing.overlap is Overlap.QUEUE and queued is None:
            queued = tick
        else:
            overlapping = overlapping.and_then(tick) if overlapping else LeftOut(tick, tick)
    after = Standing(found.following, queued, standing.count + len(ticks))
    return _at_most(Decision(ticks, after, found.left_out, overlapping), timing.most)


def _due(standing: Standing, timing: Timing, now: datetime) -> Due:
    if standing.next_at is None:
        return Due()
    return due(
        timing.timetable, first=standing.next_at, now=now, catch_up=timing.catch_up, spread=timing.spread
    )


def _at_most(decision: Decision, most: int | None) -> Decision:
    """Once enough of them have come about, the schedule has ended."""
    too_many = decision.standing.count - most if most is not None else -1
    if too_many < 0:
        return decision
    ticks = decision.ticks[: len(decision.ticks) - too_many]
    return replace(decision, ticks=ticks, standing=Standing(None, None, most or 0))
