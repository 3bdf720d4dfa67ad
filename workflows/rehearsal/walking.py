"""Walks a plan as the engine would, without calling or writing anything. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from stripeflow.triggers.payloads import account_of
from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json, Role
from stripeflow.workflows.definition.plan import LanePlan, Plan, StepPlan, WayPlan
from stripeflow.workflows.definition.run_names import condition_names, value_names
from stripeflow.workflows.references import Scope
from stripeflow.workflows.rehearsal.results import End, LaneResult, Rehearsal, State, StepResult, WayState
from stripeflow.workflows.rehearsal.samples import CatalogueSamples, Samples


@dataclass(frozen=True)
class Given:
    """The event's payload, and whether it was made up."""

    payload: Json
    is_sample: bool = False

    @property
    def object(self) -> Json:
        found = self._data.get("object")
        return found if isinstance(found, dict) else {}

    @property
    def created(self) -> datetime | None:
        """When a real event happened."""
        seconds = self.payload.get("created")
        if self.is_sample or not isinstance(seconds, int):
            return None
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError, ValueError):
            return None

    @property
    def previous_attributes(self) -> Json | None:
        found = self._data.get("previous_attributes")
        return found if isinstance(found, dict) else None

    @property
    def livemode(self) -> bool:
        return self.payload.get("livemode") is True

    @property
    def account(self) -> str:
        return account_of(self.payload)

    @property
    def _data(self) -> Json:
        data = self.payload.get("data")
        return data if isinstance(data, dict) else {}


def rehearse(
    plan: Plan,
    given: Given,
    *,
    now: datetime,
    samples: Samples | None = None,
    anyway: bool = False,
) -> Rehearsal:
    """What a run of `plan` for this event would do. Outputs of steps come from `samples`.

    Where the event is not in the scope, or the conditions are not met, no step is reached, unless `anyway`.
    """
    walk = Walk(plan, given, samples or CatalogueSamples(), now)
    trigger = walk.judged(plan.conditions) if plan.conditions else None
    truth = trigger.truth if trigger else Truth.MET
    refusal = plan.scope.refusal(livemode=given.livemode, account=given.account)
    if (refusal or truth is not Truth.MET) and not anyway:
        return Rehearsal(trigger, truth, End.NOT_STARTED, not_walked(plan.steps), refusal=refusal)
    steps = walk.steps(plan.steps)
    return Rehearsal(trigger, truth, walk.end, steps, anyway, refusal)


def not_walked(steps: tuple[StepPlan, ...], state: State = State.NOT_REACHED) -> tuple[StepResult, ...]:
    """Steps that the run would not reach, or might not reach."""
    return tuple(not_walked_step(step, state) for step in steps)


def not_walked_step(step: StepPlan, state: State = State.NOT_REACHED) -> StepResult:
    """The same for one step, with the steps inside it."""
    lanes = tuple(not_walked_lane(lane, state) for lane in step.lanes)
    return StepResult(step.key, step.kind, state, lanes, action=step.head.get("action"))


def not_walked_lane(lane: LanePlan | WayPlan, state: State = State.NOT_REACHED) -> LaneResult:
    """The same for a lane. An error lane is not reached unless the step is sure to fail."""
    if lane.role is Role.ERROR:
        state = State.NOT_REACHED
    return LaneResult(lane.key, lane.role, WayState(state.value), not_walked(lane.steps, state))


class Walk:
    """One walk: the values known so far, and whether it goes on."""

    def __init__(self, plan: Plan, given: Given, samples: Samples, now: datetime) -> None:
        self.label_of, self.name_of = condition_names(plan), value_names(plan)
        self.plan, self.given, self.samples, self.now = plan, given, samples, now
        # The moment of the run, which started when its event happened, and may have waited since.
        self.at = given.created or now
        # Whether nobody knows for how long it waited, and whether that follows from samples.
        self.is_at_open, self.is_at_made_up = False, given.is_sample
        self.scope = Scope.of_event(given)
        # Steps with sample outputs, and steps whose outputs are unknown.
        self.made_up: set[str] = set()
        self.unknown_steps: set[str] = set()
        self.end = End.DONE
        # The state of later steps, once a step failed, or a person would have to choose.
        self.beyond: State | None = None

    def judged(self, group: conditions.Compiled) -> conditions.Evaluation:
        return conditions.evaluate(
            group,
            self.scope,
            # A wait may end later than now.
            now=max(self.now, self.at),
            previous_attributes=self.given.previous_attributes,
            label_of=self.label_of,
        )

    def leave_open(self) -> None:
        """From now on it is not known how the run ends, unless that is known already."""
        if self.end is End.DONE:
            self.end = End.OPEN

    def steps(self, steps: tuple[StepPlan, ...]) -> tuple[StepResult, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: StepPlan) -> StepResult:
        block = kinds.of(step.head)
        if block.runs_on_failure:
            return block.rehearse(step, self)
        if self.beyond is not None:
            return not_walked_step(step, self.beyond)
        result = block.rehearse(step, self)
        if _may(result.lanes, lambda block: block.waits):
            self.is_at_open = True
        if self.beyond is None and _may(result.lanes, lambda block: block.ends_run):
            # Whether the run comes here depends on what nobody knows yet.
            self.end, self.beyond = End.OPEN, State.POSSIBLE
        return result


def _may(lanes: tuple[LaneResult, ...], does: Callable[[kinds.Block], bool]) -> bool:
    """Whether a block of which this holds might have its turn in one of these lanes."""
    return any(
        (step.state is State.POSSIBLE and does(kinds.of(step.head))) or _may(step.lanes, does)
        for lane in lanes
        for step in lane.steps
    )
