"""Which branch of a branch step is taken. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripeflow.workflows.conditions import Compiled, Evaluation, Truth
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.plan import BranchPlan, WayPlan

Judge = Callable[[Compiled], Evaluation]
Seen = dict[str, Evaluation | None]


@dataclass(frozen=True)
class Decision:
    """`way` is None if a person has to choose it.

    `seen` has each branch that was evaluated, with the result; None for "All other cases".
    """

    step: BranchPlan
    way: WayPlan | None
    seen: Seen

    def to_json(self) -> list[dict[str, Any]]:
        """What the step run records of it, in the order of the branches."""
        found = [(way, self.seen[way.key]) for way in self.step.ways if way.key in self.seen]
        return [
            {"branch": way.key, "name": way.name, "evaluation": evaluation and evaluation.to_json()}
            for way, evaluation in found
        ]


def decide(step: BranchPlan, judge: Judge) -> Decision:
    """The branch to take: the first one that is met, else "All other cases".

    Once one is unknown, no later one is taken although it is met: the unknown one may apply.
    """
    seen: Seen = {}
    for way in step.ways:
        if way.conditions is None:
            return Decision(step, way, {**seen, way.key: None})
        seen[way.key] = evaluation = judge(way.conditions)
        if evaluation.truth is Truth.MET:
            return Decision(step, way, seen)
        if evaluation.truth is Truth.UNKNOWN:
            return _undecided(step, way, seen, judge)
    return Decision(step, None, seen)


def _undecided(step: BranchPlan, unknown: WayPlan, seen: Seen, judge: Judge) -> Decision:
    otherwise = step.otherwise
    if otherwise is not None and unknown.if_unknown is IfUndecided.OTHERWISE:
        return Decision(step, otherwise, {**seen, otherwise.key: None})
    # Evaluate all conditions: the person who has to choose sees every result.
    left = {way.key: judge(way.conditions) for way in step.ways if way.conditions and way.key not in seen}
    return Decision(step, None, {**seen, **left})
