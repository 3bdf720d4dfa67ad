"""The one walk through the steps of a document: down each lane of each step, whatever its kind. Pure."""

from collections.abc import Callable, Iterable, Iterator

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json, Lane, Role

__all__ = [
    "Lane",
    "Role",
    "chooses",
    "ends_run",
    "lanes",
    "may_end_run",
    "may_wait",
    "steps_in",
    "with_lanes",
    "with_own",
    "without_steps",
]


def lanes(step: Json) -> tuple[Lane, ...]:
    """The lists of steps inside a step. Raises `kinds.UnknownKind`."""
    return kinds.of(step).lanes(step)


def chooses(step: Json) -> bool:
    """Whether the step takes one of its lanes by their conditions. Raises `kinds.UnknownKind`."""
    return any(lane.role is Role.CONDITION for lane in lanes(step))


def ends_run(step: Json) -> bool:
    """Whether a run always ends with the step, or inside it. Raises `kinds.UnknownKind`."""
    if kinds.of(step).ends_run:
        return True
    return chooses(step) and all(any(map(ends_run, lane.steps)) for lane in lanes(step))


def may_end_run(steps: Iterable[Json]) -> bool:
    """Whether one of these steps, or one inside them, ends the run."""
    return any(kinds.of(step).ends_run for step in steps_in(steps))


def may_wait(steps: Iterable[Json]) -> bool:
    """Whether one of these steps, or one inside them, may keep a run waiting for a time."""
    return any(kinds.of(step).waits for step in steps_in(steps))


def steps_in(steps: Iterable[Json]) -> Iterator[Json]:
    """These steps and all inside them, in reading order."""
    for step in steps:
        yield step
        for lane in lanes(step):
            yield from steps_in(lane.steps)


def with_lanes(step: Json, change: Callable[[Lane], list[Json]]) -> Json:
    """A copy of `step` whose lanes hold the steps that `change` gives for each."""
    return with_own(step, lambda lane: {**lane.own, "steps": change(lane)})


def with_own(step: Json, change: Callable[[Lane], Json]) -> Json:
    """A copy of `step` that says of each lane what `change` gives for it."""
    copy = dict(step)
    for lane in lanes(step):
        name, _slash, number = lane.path.partition("/")
        own = change(lane)
        copy[name] = _replaced(copy[name], int(number), own) if number else own
    return copy


def without_steps(step: Json) -> Json:
    """A copy of `step` with empty lanes: what it says itself."""
    return with_lanes(step, lambda lane: [])


def _replaced(items: list[Json], number: int, item: Json) -> list[Json]:
    return [*items[:number], item, *items[number + 1 :]]
