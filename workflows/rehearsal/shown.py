"""A rehearsal for people: cards with the values that would be sent, and the marks of the canvas."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action, Preview
from stripeflow.actions.context import ActionContext
from stripeflow.triggers import catalogue
from stripeflow.workflows.conditions import Evaluation, Truth
from stripeflow.workflows.definition.condition_types import Finder
from stripeflow.workflows.definition.scope_words import refusal_sentence
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Json, Place, steps
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.display.links import Dashboard
from stripeflow.workflows.display.marking import Marks
from stripeflow.workflows.display.marks import Mark, Note
from stripeflow.workflows.display.values import Reader, Row, Values
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.history.amount_currency import currencies_of
from stripeflow.workflows.references import Scope
from stripeflow.workflows.rehearsal.samples import Origin
from stripeflow.workflows.rehearsal.tried import (
    End,
    LaneTried,
    State,
    StepTried,
    WayState,
)
from stripeflow.workflows.rehearsal.trying import Trial

_STATES: dict[State, Promise] = {
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
_ENDS: dict[End, Promise] = {
    End.DONE: _("All steps would run."),
    End.FAILED: _("The run would stop with an error."),
    End.UNDECIDED: _("The run would be held: a condition is unknown, and a person has to choose the branch."),
    End.NOT_STARTED: _("The workflow would not start."),
    End.OPEN: _("What happens then depends on what a step gives."),
}
_TRIGGER: dict[Truth, Promise] = {
    Truth.MET: _("Would start"),
    Truth.NOT_MET: _("Would not start"),
    Truth.UNKNOWN: _("Would not start: a condition is unknown"),
}
_TAKEN_FOR_UNKNOWN = _("A condition is unknown, and then this branch is taken.")
# A card of the canvas has room for so many values.
_VALUES = 3


@dataclass(frozen=True)
class WayCard:
    """One branch, as the history shows it; `leans_on` are titles of steps with made-up outputs."""

    key: str
    name: str
    sentence: str
    otherwise: bool
    state: str
    label: str
    lines: tuple[Explained, ...]
    leans_on: tuple[str, ...]
    cards: tuple["TriedCard", ...] = ()
    skipped: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class TriedCard:
    """One step on the way. `origin` says where its outputs come from: "" if it gives none."""

    key: str
    kind: str
    title: str
    label: str
    icon: str
    moves_money: bool
    state: str
    state_label: str
    inputs: Values = field(default_factory=Values)
    outputs: Values = field(default_factory=Values)
    faults: tuple[str, ...] = ()
    origin: str = ""
    origin_event: str = ""
    leans_on: tuple[str, ...] = ()
    preview: Preview | None = None
    ways: tuple[WayCard, ...] = ()
    error_cards: tuple["TriedCard", ...] = ()


class TrialPage:
    """Everything that is shown of a rehearsal. `payloads`: whether values of stored events may be shown."""

    def __init__(self, trial: Trial, *, payloads: bool) -> None:
        self.trial, self.found = trial, trial.found
        self.document: Json = trial.script.document
        self.event_types = trial.script.event_types
        self.payloads = payloads or trial.event is None
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(self.document)}
        event = trial.event
        self.dashboard = Dashboard(event.livemode, event.account) if event else Dashboard(livemode=False)
        self.reader = Reader(self.dashboard)

    @property
    def truth(self) -> str:
        """Whether the trigger takes the event: its scope, and then its conditions."""
        return self._truth.value

    @property
    def _truth(self) -> Truth:
        return Truth.NOT_MET if self.found.refusal else self.found.truth

    @property
    def refusal(self) -> str:
        """What the trigger's scope has against the event, in a sentence; "" if nothing."""
        refusal = self.found.refusal
        return refusal_sentence(refusal, self.trial.given.account) if refusal else ""

    @property
    def end(self) -> str:
        return self.found.end.value

    @property
    def verdict(self) -> str:
        """What would become of it, in a sentence."""
        return str(_ENDS[self.found.end])

    @property
    def trigger_label(self) -> str:
        return event_label(self.event_types)

    @property
    def trigger_state(self) -> str:
        return str(_TRIGGER[self._truth])

    @cached_property
    def trigger_lines(self) -> tuple[Explained, ...]:
        return self._lines(self.found.trigger, Known(self.event_types))

    @cached_property
    def object(self) -> Values:
        """The event's object."""
        value = self.trial.given.object
        name = value.get("object")
        if not isinstance(name, str):
            return Values()
        return self._shown(self.reader.object(name, value))

    @property
    def object_label(self) -> str:
        name = self.trial.given.object.get("object")
        return str(catalogue.object_label(name)) if isinstance(name, str) else ""

    @cached_property
    def cards(self) -> tuple[TriedCard, ...]:
        return self._cards(self.found.steps)

    @cached_property
    def marks(self) -> Marks:
        """The marks of the canvas."""
        cards = list(_all(self.cards))
        truth = self._truth
        refused = (Note(self.refusal, tone=truth),) if self.refusal else ()
        notes = (*refused, *(Note(line.text, tone=line.truth) for line in self.trigger_lines[:_VALUES]))
        return Marks(
            trigger=Mark(truth.value, self.trigger_state, notes, anchor="tried-trigger"),
            others=Mark(State.NOT_REACHED.value, str(_STATES[State.NOT_REACHED])),
            steps={card.key: _mark(card) for card in cards},
            ways={(card.key, way.key): _way_mark(card, way) for card in cards for way in card.ways},
        )

    def _cards(self, found: tuple[StepTried, ...]) -> tuple[TriedCard, ...]:
        return tuple(self._card(step) for step in found if step.state is not State.NOT_REACHED)

    def _card(self, step: StepTried) -> TriedCard:
        return self._branch(step) if step.action is None else self._action(step)

    def _action(self, step: StepTried) -> TriedCard:
        action = registry.find(step.action)
        outputs = step.outputs
        return TriedCard(
            key=step.key,
            kind=step.kind,
            title=self.title(step.key),
            label=str(action.label) if action else step.action,
            icon=action.icon if action else "missing",
            moves_money=action is not None and action.moves_money,
            state=step.state.value,
            state_label=str(_STATES[step.state]),
            inputs=self._inputs(step, action) if action else Values(),
            outputs=self._shown(self.reader.outputs(action, outputs.value))
            if action and outputs
            else Values(),
            faults=tuple(fault.message for fault in step.faults) if self.payloads else self._hidden(step),
            origin=outputs.origin.value if outputs else "",
            origin_event=outputs.event if outputs else "",
            leans_on=tuple(map(self.title, step.leans_on)),
            preview=self._preview(step, action),
            error_cards=self._cards(step.error_steps),
        )

    def _inputs(self, step: StepTried, action: Action) -> Values:
        raw = self.places[step.key].step.get("inputs", {})
        currencies = currencies_of(action, raw, self._scope)
        return self._shown(self.reader.inputs(action, step.inputs, None, currencies=currencies))

    @cached_property
    def _scope(self) -> Json:
        """What the steps would know: the event, and what each step before would give."""
        given = {step.key: step.outputs.value for step in self.found.actions() if step.outputs}
        return Scope.of_event(self.trial.given, steps=given)

    def _hidden(self, step: StepTried) -> tuple[str, ...]:
        """That it would fail, without the message, which may hold a value."""
        return (_now("One of its inputs could not be made, or would be refused."),) if step.faults else ()

    def _preview(self, step: StepTried, action: Action | None) -> Preview | None:
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
        )
        return action.preview(step.inputs, context)

    def _branch(self, step: StepTried) -> TriedCard:
        return TriedCard(
            key=step.key,
            kind=step.kind,
            title=self.title(step.key),
            label=_now("Branch"),
            icon="branch",
            moves_money=False,
            state=step.state.value,
            state_label=str(_STATES[step.state]),
            ways=tuple(self._ways(step)),
        )

    def _ways(self, step: StepTried) -> Iterator[WayCard]:
        place = self.places[step.key]
        known = Known.at(self.event_types, place)
        written = {branch["key"]: branch for branch in place.step["branches"]}
        is_unknown = any(one.evaluation and one.evaluation.truth is Truth.UNKNOWN for one in step.ways)
        for way in step.ways:
            card = self._way(way, written[way.key], known)
            is_taken_for_it = is_unknown and card.otherwise and way.state is WayState.TAKEN
            yield replace(card, hint=str(_TAKEN_FOR_UNKNOWN)) if is_taken_for_it else card

    def _way(self, way: LaneTried, branch: Json, known: Known) -> WayCard:
        is_open = way.state in (WayState.TAKEN, WayState.POSSIBLE)
        return WayCard(
            key=way.key,
            name=branch.get("name", ""),
            sentence=condition_sentence(branch.get("conditions"), known),
            otherwise=branch.get("otherwise", False),
            state=way.state.value,
            label=str(_WAYS[way.state]),
            lines=self._lines(way.evaluation, known),
            leans_on=tuple(map(self.title, way.leans_on)),
            cards=self._cards(way.steps) if is_open else (),
            skipped=() if is_open else tuple(self.title(one.key) for one in way.steps),
        )

    def _lines(self, evaluation: Evaluation | None, finder: Finder) -> tuple[Explained, ...]:
        return Explainer(finder, self.payloads).lines(evaluation.to_json() if evaluation else None)

    def _shown(self, values: Values) -> Values:
        if self.payloads or not values:
            return values
        return Values(hidden=_now("Seeing these values needs the permission to see payloads."))

    def title(self, key: str) -> str:
        """The name of a step, or what its action is called."""
        return step_title(self.places[key].step)


def _all(cards: tuple[TriedCard, ...]) -> Iterator[TriedCard]:
    for card in cards:
        yield card
        for way in card.ways:
            yield from _all(way.cards)
        yield from _all(card.error_cards)


def _mark(card: TriedCard) -> Mark:
    label = "" if card.kind == "branch" and card.state == State.WOULD_RUN else card.state_label
    return Mark(card.state, label, tuple(_notes(card)), anchor=f"tried-{card.key}", aside=_aside(card))


def _aside(card: TriedCard) -> str:
    return _now("gives sample data") if card.origin == Origin.SAMPLE and card.outputs.json else ""


def _notes(card: TriedCard) -> Iterator[Note]:
    for fault in card.faults:
        yield Note(fault, tone="would_fail")
    for row in card.inputs.rows[:_VALUES]:
        if text := _text(row):
            yield Note(text, row.label)


def _text(row: Row) -> str:
    return row.text if row.kind != "rows" else ", ".join(filter(None, map(_text, row.rows)))


def _way_mark(card: TriedCard, way: WayCard) -> Mark:
    # The value that decided, of the first condition; all of them stand with the details.
    notes = tuple(Note(line.text, tone=line.truth) for line in way.lines[:1] if line.text != way.sentence)
    return Mark(way.state, way.label, notes, anchor=f"tried-{card.key}")
