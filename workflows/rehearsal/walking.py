"""Walking a plan as the engine would, with nothing called and nothing written. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.errors import ActionError
from stripeflow.triggers.envelope import account_of
from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.choices import IfUndecided, OnError
from stripeflow.workflows.definition.plan import ActionPlan, BranchPlan, Plan, StepPlan, WayPlan
from stripeflow.workflows.definition.run_names import condition_names, value_names
from stripeflow.workflows.definition.walk import Json
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.references import Scope
from stripeflow.workflows.rehearsal.leaning import keys_in_conditions, keys_in_input, notices_absence
from stripeflow.workflows.rehearsal.samples import CatalogueSamples, Origin, Samples
from stripeflow.workflows.rehearsal.tried import (
    ActionTried,
    BranchTried,
    End,
    Fault,
    Rehearsal,
    State,
    StepTried,
    WayState,
    WayTried,
)


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
    walk = _Walk(plan, given, samples or CatalogueSamples(), now)
    trigger = plan.conditions and walk.judged(plan.conditions)
    truth = trigger.truth if trigger else Truth.MET
    refusal = plan.scope.refusal(livemode=given.livemode, account=given.account)
    if (refusal or truth is not Truth.MET) and not anyway:
        return Rehearsal(trigger, truth, End.NOT_STARTED, unlit(plan.steps), refusal=refusal)
    steps = walk.steps(plan.steps)
    return Rehearsal(trigger, truth, walk.end, steps, anyway, refusal)


def unlit(steps: tuple[StepPlan, ...], state: State = State.NOT_REACHED) -> tuple[StepTried, ...]:
    """Steps that the way does not, or not surely, come to."""
    return tuple(_unlit(step, state) for step in steps)


def _unlit(step: StepPlan, state: State) -> StepTried:
    if isinstance(step, ActionPlan):
        return ActionTried(step.key, step.action, state, error_steps=unlit(step.error_steps))
    ways = (WayTried(way.key, WayState(state.value), unlit(way.steps, state)) for way in step.ways)
    return BranchTried(step.key, state, tuple(ways))


class _Walk:
    """One walk: what is known so far, and whether it goes on."""

    def __init__(self, plan: Plan, given: Given, samples: Samples, now: datetime) -> None:
        self.label_of, self.name_of = condition_names(plan), value_names(plan)
        self.given, self.samples, self.now = given, samples, now
        self.scope = Scope.of_event(given)
        # Steps that gave something made up, and those of which nobody knows what they gave.
        self.made_up: set[str] = set()
        self.untold: set[str] = set()
        self.end = End.DONE
        # What becomes of the steps behind, once a step failed, or a person would have to choose.
        self.beyond: State | None = None

    def judged(self, group: conditions.Compiled) -> conditions.Evaluation:
        return conditions.evaluate(
            group,
            self.scope,
            now=self.now,
            previous_attributes=self.given.previous_attributes,
            label_of=self.label_of,
        )

    def steps(self, steps: tuple[StepPlan, ...]) -> tuple[StepTried, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: StepPlan) -> StepTried:
        if self.beyond is not None:
            return _unlit(step, self.beyond)
        return self._branch(step) if isinstance(step, BranchPlan) else self._action(step)

    # Actions

    def _action(self, step: ActionPlan) -> ActionTried:
        action = registry.find(step.action)
        if action is None:
            message = _("The action “%s” is not installed.") % step.action
            missing = ActionTried(step.key, step.action, State.WOULD_FAIL)
            return self._failed(step, replace(missing, faults=(Fault("action_not_installed", message),)))
        tried = self._rendered(step, action)
        if tried.faults:
            return self._failed(step, tried)
        tried = replace(tried, error_steps=unlit(step.error_steps))
        given = None
        if not tried.untold:
            given = self.samples.outputs(action, tried.inputs, as_platform=step.as_platform)
        if given is None:
            self.untold.add(step.key)
            return tried
        self.scope.note(step.key, given.value)
        if given.origin is Origin.SAMPLE:
            self.made_up.add(step.key)
        return replace(tried, outputs=given)

    def _rendered(self, step: ActionPlan, action: Action) -> ActionTried:
        inputs: Json = {}
        untold, faults, keys = [], [], frozenset[str]()
        for one in action.inputs:
            raw = step.inputs.get(one.name)
            if raw is None:
                continue
            leaning = keys_in_input(action, one.name, raw)
            if leaning & self.untold:
                untold.append(one.name)
                continue
            keys |= leaning
            try:
                own = action.without_secrets({one.name: raw})
                inputs |= rendered_inputs(action, own, self.scope, name_of=self.name_of)
            except InputsError as error:
                faults.append(Fault(error.code, error.message, error.field))
        if not faults and not untold:
            faults += _refusal(action, inputs)
        state = State.WOULD_FAIL if faults else State.WOULD_RUN
        leans_on = tuple(sorted(keys & self.made_up))
        return ActionTried(
            step.key, step.action, state, inputs, tuple(untold), tuple(faults), leans_on=leans_on
        )

    def _failed(self, step: ActionPlan, tried: ActionTried) -> ActionTried:
        if step.on_error == OnError.CONTINUE:
            return replace(tried, error_steps=unlit(step.error_steps))
        if step.on_error != OnError.BRANCH:
            self.end, self.beyond = End.FAILED, State.NOT_REACHED
            return replace(tried, error_steps=unlit(step.error_steps))
        fault = tried.faults[0]
        self.scope.note(step.key, {"error": {"message": fault.message, "code": fault.code}})
        taken = self.steps(step.error_steps)
        self.beyond = State.NOT_REACHED
        return replace(tried, error_steps=taken)

    # Branches

    def _branch(self, step: BranchPlan) -> BranchTried:
        ways: list[WayTried] = []
        so_far = _SoFar()
        for way in step.ways:
            own = self._own(way, so_far)
            ways.append(self._way(way, own, so_far))
            so_far.note(way, own)
        is_stopped = so_far.asks and not so_far.is_open
        if is_stopped:
            self.end = End.UNDECIDED
        elif so_far.is_open and self.end is End.DONE:
            self.end = End.OPEN
        if so_far.asks:
            self.beyond = State.POSSIBLE
        return BranchTried(step.key, State.WOULD_STOP if is_stopped else State.WOULD_RUN, tuple(ways))

    def _own(self, way: WayPlan, so_far: "_SoFar") -> "_Own":
        """What the conditions of one way say, if they are looked at."""
        if so_far.is_decided or (so_far.skips and way.conditions):
            return _Own(WayState.NOT_NEEDED)
        if way.conditions is None:
            return _Own(WayState.TAKEN)
        evaluation = self.judged(way.conditions)
        keys = keys_in_conditions(way.conditions.node)
        state = self._decided(way.conditions, evaluation, keys & self.untold)
        return _Own(state, evaluation, tuple(sorted(keys & self.made_up)))

    def _way(self, way: WayPlan, own: "_Own", so_far: "_SoFar") -> WayTried:
        state = so_far.state_of(way, own.state)
        if state is WayState.TAKEN:
            steps = self.steps(way.steps)
        else:
            is_possible = state is WayState.POSSIBLE
            steps = unlit(way.steps, State.POSSIBLE if is_possible else State.NOT_REACHED)
        return WayTried(way.key, state, steps, own.evaluation, own.leans_on)

    def _decided(
        self, group: conditions.Compiled, evaluation: conditions.Evaluation, untold: frozenset[str]
    ) -> WayState | None:
        """Whether the branch is taken: possible where that depends on what nobody knows, None if unknown."""
        if untold and (evaluation.truth is Truth.UNKNOWN or notices_absence(group.node, untold)):
            return WayState.POSSIBLE
        if evaluation.truth is Truth.UNKNOWN:
            return None
        return WayState.TAKEN if evaluation.truth is Truth.MET else WayState.NOT_TAKEN


@dataclass(frozen=True)
class _Own:
    """What the conditions of one way say by themselves; `state` is None if they are unknown for sure."""

    state: WayState | None
    evaluation: conditions.Evaluation | None = None
    leans_on: tuple[str, ...] = ()


@dataclass
class _SoFar:
    """How far the ways of one branch step have decided it, by the rules of `engine.deciding`."""

    # One may be taken: none behind it is taken for sure.
    is_open: bool = False
    # One is taken: none behind it is looked at.
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


def _refusal(action: Action, inputs: Json) -> list[Fault]:
    """What the action has against rendered inputs before it does anything."""
    try:
        action.clean(inputs)
    except ActionError as error:
        return [Fault(error.code, str(error), getattr(error, "field", ""))]
    return []
