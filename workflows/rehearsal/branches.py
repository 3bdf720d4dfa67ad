"""Which branch a branch step would take, by the rules of `engine.deciding`."""

from dataclasses import dataclass

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.plan import BranchPlan, WayPlan
from stripeflow.workflows.rehearsal.dependencies import keys_in_conditions, notices_absence
from stripeflow.workflows.rehearsal.results import End, LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.walking import Walk, not_walked


def rehearse_branch(walk: Walk, step: BranchPlan) -> StepResult:
    """Which branch a branch step would take, and what would run there."""
    ways: list[LaneResult] = []
    so_far = _SoFar()
    for way in step.ways:
        own = _own(walk, way, so_far)
        ways.append(_way(walk, way, own, so_far))
        so_far.note(way, own)
    is_stopped = so_far.asks and not so_far.is_open
    if is_stopped:
        walk.end = End.UNDECIDED
    elif so_far.is_open:
        walk.leave_open()
    if so_far.asks:
        walk.beyond = State.POSSIBLE
    return StepResult(step.key, step.kind, State.WOULD_STOP if is_stopped else State.WOULD_RUN, tuple(ways))


def _own(walk: Walk, way: WayPlan, so_far: "_SoFar") -> "_Own":
    """The result of one branch's conditions, if they are evaluated."""
    if so_far.is_decided or (so_far.skips and way.conditions):
        return _Own(WayState.NOT_NEEDED)
    if way.conditions is None:
        return _Own(WayState.TAKEN)
    evaluation = walk.judged(way.conditions)
    keys = keys_in_conditions(way.conditions.node)
    state = _decided(walk, way.conditions, evaluation, keys & walk.unknown_steps)
    return _Own(state, evaluation, tuple(sorted(keys & walk.made_up)))


def _way(walk: Walk, way: WayPlan, own: "_Own", so_far: "_SoFar") -> LaneResult:
    state = so_far.state_of(way, own.state)
    if state is WayState.TAKEN:
        steps = walk.steps(way.steps)
    else:
        is_possible = state is WayState.POSSIBLE
        steps = not_walked(way.steps, State.POSSIBLE if is_possible else State.NOT_REACHED)
    return LaneResult(way.key, way.role, state, steps, own.evaluation, own.depends_on)


def _decided(
    walk: Walk, group: conditions.Compiled, evaluation: conditions.Evaluation, unknown: frozenset[str]
) -> WayState | None:
    """Whether the branch is taken: possible if that depends on unknown outputs, None if unknown for sure."""
    if unknown and (evaluation.truth is Truth.UNKNOWN or notices_absence(group.node, unknown)):
        return WayState.POSSIBLE
    if evaluation.truth is Truth.UNKNOWN:
        return None
    return WayState.TAKEN if evaluation.truth is Truth.MET else WayState.NOT_TAKEN


@dataclass(frozen=True)
class _Own:
    """The result of one branch's conditions alone; `state` is None if they are unknown for sure."""

    state: WayState | None
    evaluation: conditions.Evaluation | None = None
    depends_on: tuple[str, ...] = ()


@dataclass
class _SoFar:
    """How far the branches seen so far have decided the step, by the rules of `engine.deciding`."""

    # One may be taken: no later one is taken for sure.
    is_open: bool = False
    # One is taken: later ones are not evaluated.
    is_decided: bool = False
    # One is unknown, and then "All other cases" is taken, or a person chooses.
    skips: bool = False
    asks: bool = False

    def state_of(self, way: WayPlan, own: WayState | None) -> WayState:
        if self.asks or (own is None and way.if_unknown is IfUndecided.STOP):
            return WayState.POSSIBLE
        if own is WayState.TAKEN and self.is_open:
            return WayState.POSSIBLE
        return own or WayState.NOT_TAKEN

    def note(self, way: WayPlan, own: "_Own") -> None:
        if self.asks or self.is_decided:
            return
        if own.state is None:
            self.asks = way.if_unknown is IfUndecided.STOP
            self.skips = not self.asks
        self.is_decided = own.state is WayState.TAKEN
        self.is_open = self.is_open or own.state is WayState.POSSIBLE
