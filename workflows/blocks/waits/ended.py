"""When an earlier step of a run has ended."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.plan import StepPlan
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.models import StepRun


def ended_at(turn: Turn, key: str) -> datetime | None:
    """When the step of this key ended, with the steps of its lanes; None if it has not ended in this run.

    It stands in front of the step whose turn it is, in its own list or in one around it.
    """
    step = turn.walk.plan.step(key)
    if step is None:
        return None
    rows = StepRun.objects.filter(run=turn.walk.run, superseded_at=None)
    own = rows.filter(path__in={frame.path_of(step) for frame in turn.walk.frames}).first()
    if own is None or own.finished_at is None:
        return None
    prefix = own.path[: -len(key)]
    inside = rows.filter(path__in=[prefix + one for one in _keys_inside(step)])
    last = inside.aggregate(last=Max("finished_at"))["last"]
    return max(own.finished_at, last or own.finished_at)


def _keys_inside(step: StepPlan) -> Iterator[str]:
    """The keys of the steps in its lanes, to any depth. A loop ends behind the steps of its items."""
    if kinds.named(step.kind).loops:
        return
    for lane in step.lanes:
        for one in lane.steps:
            yield one.key
            yield from _keys_inside(one)
