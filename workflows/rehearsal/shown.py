"""A dry run for people: how it would end, and the marks of the canvas."""

from collections.abc import Iterator
from functools import cached_property, partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import money
from stripeflow.actions.dashboard import Dashboard
from stripeflow.triggers import catalogue
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope_words import refusal_sentence
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.marks import Mark, Marks, Note, value_notes
from stripeflow.workflows.display.values import Reader, Values
from stripeflow.workflows.rehearsal.backtest import BackTest, Match
from stripeflow.workflows.rehearsal.found import STATES, Found, StepFound, WayFound
from stripeflow.workflows.rehearsal.results import End, State
from stripeflow.workflows.rehearsal.samples import Origin
from stripeflow.workflows.rehearsal.trials import Trial

_ENDS: dict[End, Promise] = {
    End.DONE: _("All steps would run."),
    End.STOPPED: _("A step “Stop” would end the run as succeeded."),
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
# A card of the canvas has room for this many values.
_VALUES = 3


class TrialPage:
    """Everything that is shown of a dry run. `payloads`: whether values of stored events may be shown."""

    def __init__(self, trial: Trial, *, payloads: bool) -> None:
        self.trial, self.found = trial, trial.found
        self.document: Json = trial.script.document
        self.trigger_plan = trial.script.trigger
        self.payloads = payloads or trial.event is None
        event = trial.event
        self.dashboard = Dashboard(event.livemode, event.account) if event else Dashboard(livemode=False)
        self.reader = Reader(self.dashboard, partial(title_in, self.document))
        self.by_step = Found(trial, self.document, self.reader, payloads=self.payloads)

    @property
    def truth(self) -> str:
        """Whether the trigger takes the event: its scope, and then its conditions."""
        return self._truth.value

    @property
    def _truth(self) -> Truth:
        return Truth.NOT_MET if self.found.refusal else self.found.truth

    @property
    def refusal(self) -> str:
        """Why the trigger's scope does not take the event, as a sentence; "" if it does."""
        refusal = self.found.refusal
        return refusal_sentence(refusal, self.trial.given.account) if refusal else ""

    @property
    def end(self) -> str:
        return self.found.end.value

    @property
    def verdict(self) -> str:
        """How it would end, as a sentence."""
        return str(_ENDS[self.found.end])

    @property
    def trigger_label(self) -> str:
        return self.trigger_plan.label

    @property
    def trigger_state(self) -> str:
        return str(_TRIGGER[self._truth])

    @cached_property
    def trigger_lines(self) -> tuple[Explained, ...]:
        return Explainer(Known(self.trigger_plan), self.payloads).lines_of(self.found.trigger)

    @cached_property
    def object(self) -> Values:
        """The event's object."""
        value = self.trial.given.object
        name = value.get("object")
        if not isinstance(name, str):
            return Values()
        return self.by_step.shown(self.reader.object(name, value))

    @property
    def object_label(self) -> str:
        name = self.trial.given.object.get("object")
        return str(catalogue.object_label(name)) if isinstance(name, str) else ""

    @cached_property
    def marks(self) -> Marks:
        """The marks of the canvas, with the details that stand beside it."""
        truth = self._truth
        refused = (Note(self.refusal, tone=truth.value),) if self.refusal else ()
        notes = (*refused, *(Note(line.text, tone=line.truth) for line in self.trigger_lines[:_VALUES]))
        found = self.by_step
        ways = {place: way for place, way in found.ways.items() if way.state}
        return Marks(
            trigger=Mark(truth.value, self.trigger_state, notes, anchor="dry-run-trigger"),
            others=Mark(State.NOT_REACHED.value, str(STATES[State.NOT_REACHED])),
            steps={key: _mark(key, step) for key, step in found.steps.items()},
            ways={(key, branch): _way_mark(key, way) for (key, branch), way in ways.items()},
            step_details=found.steps,
            way_details=found.ways,
        )


def _mark(key: str, step: StepFound) -> Mark:
    label = "" if step.chooses and step.state == State.WOULD_RUN else step.state_label
    return Mark(step.state, label, tuple(_notes(step)), anchor=f"dry-run-{key}", aside=_aside(step))


def _aside(step: StepFound) -> str:
    return _now("gives sample data") if step.origin == Origin.SAMPLE and step.outputs.json else ""


def _notes(step: StepFound) -> Iterator[Note]:
    for fault in step.faults:
        yield Note(fault, tone="would_fail")
    if step.wait:
        yield Note(step.wait)
    yield from value_notes(step.inputs, _VALUES)


def _way_mark(step: str, way: WayFound) -> Mark:
    # The value that decided, of the first condition; all of them stand with the details.
    notes = tuple(Note(line.text, tone=line.truth) for line in way.lines[:1] if line.text != way.sentence)
    return Mark(way.state, way.label, notes, anchor=f"dry-run-{step}")


def sums_of(found: BackTest) -> list[str]:
    """What the matches of a back-test would have moved, an amount for each currency."""
    return [money.format_minor(amount, currency) for currency, amount in sorted(found.moved.items())]


def amounts_of(match: Match) -> list[str]:
    """What one match would have moved."""
    return [money.format_minor(one.amount, one.currency) for one in match.moved]
