"""What a dry run found of each step and each branch, in words and with the values that would be sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.base import Action, Preview
from stripeflow.actions.context import ActionContext
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Role, chooses, lanes
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place, steps
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.times import before_stop
from stripeflow.workflows.display.values import Reader, Values
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.history.amount_currency import currencies_of
from stripeflow.workflows.references import Scope
from stripeflow.workflows.rehearsal.results import LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.samples import Sampled
from stripeflow.workflows.rehearsal.trials import Trial

STATES: dict[State, Promise] = {
    State.WOULD_RUN: _("Would run"),
    State.WOULD_FAIL: _("Would fail"),
    State.WOULD_STOP: _("Would stop for a person"),
    State.POSSIBLE: _("Possible"),
    State.NOT_REACHED: _("Not reached"),
}
_WAYS: dict[WayState, Promise] = {
    WayState.TAKEN: _("Taken"),
    WayState.NOT_TAKEN: _("Not taken"),
    WayState.NOT_NEEDED: _("Not evaluated"),
    WayState.POSSIBLE: _("Possible"),
    WayState.NOT_REACHED: _("Not reached"),
}
_TAKEN_FOR_UNKNOWN = _("A condition is unknown, and then this branch is taken.")


@dataclass(frozen=True)
class StepFound:
    """A step that the run would reach. `origin` says where its outputs come from: "" if it has none.

    `depends_on` are titles of steps with sample outputs.
    """

    state: str
    state_label: str
    chooses: bool
    inputs: Values = field(default_factory=Values)
    outputs: Values = field(default_factory=Values)
    faults: tuple[str, ...] = ()
    origin: str = ""
    origin_event: str = ""
    depends_on: tuple[str, ...] = ()
    preview: Preview | None = None
    # Until when it would wait, as a sentence.
    wait: str = ""
    # How many items a loop would take, or why nobody knows, as a sentence.
    note: str = ""


@dataclass(frozen=True)
class WayFound:
    """A branch. `is_open`: the run takes it, or may take it. `depends_on`: as for a step."""

    is_open: bool
    state: str = ""
    label: str = ""
    sentence: str = ""
    lines: tuple[Explained, ...] = ()
    depends_on: tuple[str, ...] = ()
    hint: str = ""


class Found:
    """The result of a dry run: `steps` by key, `ways` by step and key. `payloads`: whether to show values."""

    def __init__(self, trial: Trial, document: Json, reader: Reader, *, payloads: bool) -> None:
        self.trial, self.document, self.reader, self.payloads = trial, document, reader, payloads
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(document)}
        self.steps: dict[str, StepFound] = {}
        self.ways: dict[tuple[str, str], WayFound] = {}
        self._walk(trial.found.steps)

    def title(self, key: str) -> str:
        """What people call the step of this key."""
        return step_title(self.places[key].step)

    def _walk(self, found: tuple[StepResult, ...]) -> None:
        for step in found:
            if step.state is State.NOT_REACHED:
                continue
            self.steps[step.key] = self._step(step)
            for lane, way in self._ways(step):
                # Of the items of a loop, the first one is shown.
                if (step.key, lane.key) in self.ways:
                    continue
                self.ways[step.key, lane.key] = way
                if way.is_open:
                    self._walk(lane.steps)

    def _step(self, step: StepResult) -> StepFound:
        action = kinds.of(step.head).declared(self.places[step.key].step)
        outputs = step.outputs
        return StepFound(
            state=step.state.value,
            state_label=str(STATES[step.state]),
            chooses=chooses(self.places[step.key].step),
            inputs=self._inputs(step, action) if action else Values(),
            outputs=self._outputs(outputs, action) if action and outputs else Values(),
            faults=tuple(fault.message for fault in step.faults) if self.payloads else _without_values(step),
            origin=outputs.origin.value if outputs else "",
            origin_event=outputs.event if outputs else "",
            depends_on=tuple(map(self.title, step.depends_on)),
            preview=self._preview(step, action),
            wait=_wait(step),
            note=step.note,
        )

    def _outputs(self, outputs: Sampled, action: Action) -> Values:
        return self.shown(self.reader.outputs(action, outputs.value))

    def _inputs(self, step: StepResult, action: Action) -> Values:
        raw = self.places[step.key].step.get("inputs", {})
        currencies = currencies_of(action, raw, self._scope)
        return self.shown(self.reader.inputs(action, step.inputs, None, currencies=currencies))

    @cached_property
    def _scope(self) -> Json:
        """What a step would know: the event, and the outputs of each step before it."""
        given = {step.key: step.outputs.value for step in self.trial.found.every() if step.outputs}
        return Scope.of_event(self.trial.given, steps=given)

    def _preview(self, step: StepResult, action: Action | None) -> Preview | None:
        """The message that an action of this kind would send. Nothing is sent."""
        if action is None or not action.has_preview:
            return None
        if not self.payloads or step.state is not State.WOULD_RUN:
            return None
        context = ActionContext(
            run_id="test",
            workflow_name=self.document["name"],
            step_key=step.key,
            step_name=self.title(step.key),
            idempotency_key="test",
            written=self.places[step.key].step.get("inputs", {}),
        )
        return action.preview(step.inputs, context)

    def _ways(self, step: StepResult) -> Iterator[tuple[LaneResult, WayFound]]:
        place = self.places[step.key]
        known = Known.at(self.trial.script.trigger, place)
        written = {lane.key: lane.own for lane in lanes(place.step)}
        is_unknown = any(one.evaluation and one.evaluation.truth is Truth.UNKNOWN for one in step.lanes)
        for lane in step.lanes:
            if lane.role is Role.ERROR:
                yield lane, WayFound(any(one.state is not State.NOT_REACHED for one in lane.steps))
                continue
            found = self._way(lane, written[lane.key], known)
            is_taken_for_it = is_unknown and lane.role is Role.OTHERWISE and lane.state is WayState.TAKEN
            yield lane, replace(found, hint=str(_TAKEN_FOR_UNKNOWN)) if is_taken_for_it else found

    def _way(self, lane: LaneResult, own: Json, known: Known) -> WayFound:
        return WayFound(
            is_open=lane.state in (WayState.TAKEN, WayState.POSSIBLE),
            state=lane.state.value,
            label=str(_WAYS[lane.state]),
            sentence=condition_sentence(own.get("conditions"), known),
            lines=Explainer(known, self.payloads).lines_of(lane.evaluation),
            depends_on=tuple(map(self.title, lane.depends_on)),
        )

    def shown(self, values: Values) -> Values:
        """The values, as far as they may be shown."""
        return values if self.payloads or not values else Values.withheld()


def _wait(step: StepResult) -> str:
    if step.goes_on_at is not None:
        return _now("The run would wait here until %s.") % before_stop(step.goes_on_at)
    if step.waits_for:
        said = _now("The run would wait here for: %s. Whether and when that happens is not evaluated.")
        return said % _now(" or ").join(step.waits_for)
    if step.is_wait_open:
        return _now("How long the run would wait depends on an earlier step.")
    return ""


def _without_values(step: StepResult) -> tuple[str, ...]:
    """Says that it would fail, without the message, which may hold a value."""
    return (_now("One of its inputs could not be made, or would be refused."),) if step.faults else ()
