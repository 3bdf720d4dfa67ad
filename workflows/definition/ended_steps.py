"""Which steps have surely ended once a run comes to a step. Pure."""

from collections.abc import Iterator

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import Place, steps


def ended_before(place: Place) -> Iterator[Json]:
    """The steps in front of it in its own list, and in those around it, in reading order.

    Not among them are steps inside the lanes of others, the steps that it stands in, and those that only run
    if the run fails.
    """
    found = (step for level in _levels(place) for step in level)
    yield from (step for step in found if not kinds.of(step).runs_on_failure)


def _levels(place: Place) -> Iterator[list[Json]]:
    """What stands in front of the step, and of each step that it stands in; the outermost list first."""
    known: list[list[Json]] = []
    around = _around(place) if place.inside else {}
    for step, lane in place.inside:
        outer = around[step["key"]]
        known = [*known, list(outer.level[: outer.number])] if lane.knows_before else []
    yield from known
    yield list(place.level[: place.number])


def _around(place: Place) -> dict[str, Place]:
    document = place.whole.document if place.whole else {"steps": []}
    inside = {step["key"] for step, _lane in place.inside}
    return {one.step["key"]: one for one in steps(document) if one.step["key"] in inside}
