"""The page of one run: its trigger, and the cards of the steps along the way that it took."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.triggers import catalogue
from stripeflow.workflows import failures
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, ActsAs, StepKind
from stripeflow.workflows.definition.event_types import event_types_of
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Json, Place, steps
from stripeflow.workflows.display.durations import duration
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.display.links import Dashboard
from stripeflow.workflows.display.sentences import advice
from stripeflow.workflows.display.values import Reader, Values, pretty
from stripeflow.workflows.display.words import acts_as_words, condition_sentence
from stripeflow.workflows.history.amount_currency import currencies_of
from stripeflow.workflows.models import Run, RunOperation, StepRun
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations.choosing import ways_of
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus, StepStatus

# Statuses of cards whose step has no row.
TO_COME, NOT_REACHED = "to_come", "not_reached"
_WITHOUT_ROW: dict[str, Promise] = {TO_COME: _("Still to come"), NOT_REACHED: _("Not reached")}


@dataclass(frozen=True)
class Try:
    """One row of a step: of several, the last one counts, and the earlier ones were tried anew."""

    status: str
    status_label: str
    attempts: int
    duration: str
    started_at: datetime
    idempotency_key: str
    inputs: Values
    outputs: Values
    error: Json | None
    advice: str
    looked_up: str


@dataclass(frozen=True)
class WayTaken:
    """One branch of a step: taken, not taken and why, not looked at, or to be chosen by a person (`asked`).

    `hint` says why in a sentence, where its conditions do not; `chosen_by` is the person who chose it.
    """

    key: str
    name: str
    sentence: str
    otherwise: bool
    state: str
    lines: tuple[Explained, ...]
    cards: tuple["Card", ...]
    skipped: tuple[str, ...]
    on_error: bool = False
    hint: str = ""
    chosen_by: str = ""


@dataclass(frozen=True)
class Card:
    """One step on the way. `kind` is action or branch; `status` may be that it was not reached."""

    key: str
    kind: str
    title: str
    label: str
    icon: str
    moves_money: bool
    goes_on: bool
    acts_as: str
    status: str
    status_label: str
    latest: Try | None
    earlier: tuple[Try, ...]
    ways: tuple[WayTaken, ...]


@dataclass(frozen=True)
class Deed:
    """What a person did, and the title of the branch that they chose, if they did."""

    operation: RunOperation
    branch: str = ""


@dataclass(frozen=True)
class TriggerCard:
    label: str
    category: str
    lines: tuple[Explained, ...]
    sentence: str
    object: Values
    object_label: str


class RunPage:
    """Everything that the page of a run shows. `payloads`: whether values may be shown.

    `operations`: what people did to the run.
    """

    def __init__(
        self,
        run: Run,
        records: list[StepRun],
        *,
        payloads: bool,
        operations: Iterable[RunOperation] = (),
    ) -> None:
        self.run, self.payloads = run, payloads
        self.operations = tuple(operations)
        self.document: Json = run.version.document
        self.event_types = event_types_of(self.document["trigger"]["event_type"])
        self.dashboard = Dashboard(run.event.livemode, run.event.account)
        self.reader = Reader(self.dashboard)
        self.records: dict[str, list[StepRun]] = {}
        for record in records:
            self.records.setdefault(record.path, []).append(record)
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(self.document)}

    @cached_property
    def trigger(self) -> TriggerCard:
        event, known = self.run.event, Known(self.event_types)
        conditions = self.document["trigger"].get("conditions")
        return TriggerCard(
            label=event_label(event.type),
            category=_category(event.type),
            lines=Explainer(known, self.payloads).lines(self.run.explanation),
            sentence=condition_sentence(conditions, known),
            object=self._shown(lambda: self.reader.object(event.object_type, event.object)),
            object_label=str(catalogue.object_label(event.object_type)) if event.object_type else "",
        )

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        return tuple(self._cards(self.document["steps"]))

    @property
    def was_handled(self) -> bool:
        """Whether an error branch was taken."""
        return bool(self._handled)

    @cached_property
    def _handled(self) -> frozenset[str]:
        """The keys of the steps whose error branch was taken."""
        return frozenset(
            key
            for key, place in self.places.items()
            if "error_branch" in place.step and key in self.records and self.records[key][-1].handled
        )

    @cached_property
    def payload(self) -> str:
        """The event as JSON, "" without the permission."""
        return pretty(self.run.event.payload) if self.payloads else ""

    @property
    def event_url(self) -> str:
        return self.dashboard.url(self.run.event.external_id)

    @property
    def object_url(self) -> str:
        return self.dashboard.url(self.run.object_id)

    @cached_property
    def deeds(self) -> tuple[Deed, ...]:
        """What people did to the run."""
        return tuple(map(self._deed, self.operations))

    def _deed(self, operation: RunOperation) -> Deed:
        if operation.kind != OperationKind.CHOOSE:
            return Deed(operation)
        titles = {way.key: way.title for way in ways_of(self.document, operation.step)}
        return Deed(operation, titles[operation.branch])

    @cached_property
    def error(self) -> Json | None:
        """Why the run ended or waits, as far as it may be shown."""
        return self._error(self.run.error)

    def _error(self, error: Json | None) -> Json | None:
        return failures.shown(error, payloads=self.payloads)

    @property
    def duration(self) -> str:
        return duration(self.run.started_at, self.run.finished_at)

    def _cards(self, items: list[Json]) -> Iterator[Card]:
        return (self._card(step) for step in items)

    def _card(self, step: Json) -> Card:
        action = registry.find(step.get("action", ""))
        reader = self._reader_of(step)
        tries = tuple(self._try(record, action, reader) for record in self.records.get(step["key"], ()))
        status, label = self._status(step, tries)
        is_branch = step["type"] == "branch"
        return Card(
            key=step["key"],
            kind=step["type"],
            title=step_title(step),
            label=_now("Branch") if is_branch else str(action.label) if action else step["action"],
            icon="branch" if is_branch else action.icon if action else "missing",
            moves_money=action is not None and action.moves_money,
            goes_on=step.get("on_error") == "continue",
            acts_as=acts_as_words(step, action, self.run.event.account),
            status=status,
            status_label=label,
            latest=tries[-1] if tries else None,
            earlier=tries[:-1],
            ways=tuple(self._ways(step) if is_branch else self._error_ways(step)),
        )

    def _reader_of(self, step: Json) -> Reader:
        """What links ids to the account that the step acts in."""
        if step.get("acts_as") != ActsAs.PLATFORM:
            return self.reader
        return Reader(Dashboard(self.run.event.livemode, ""))

    def _status(self, step: Json, tries: tuple[Try, ...]) -> tuple[str, str]:
        if tries:
            return tries[-1].status, tries[-1].status_label
        # Behind an error branch that was taken nothing runs any more: only what is inside of it is to come.
        inside = {failed["key"] for failed in self.places[step["key"]].failed}
        is_behind = not self._handled <= inside
        status = NOT_REACHED if self.run.state.is_final or is_behind else TO_COME
        return status, str(_WITHOUT_ROW[status])

    def _try(self, record: StepRun, action: Action | None, reader: Reader) -> Try:
        return Try(
            status=record.status,
            status_label=_now("Undecided") if _is_undecided(record) else record.get_status_display(),
            attempts=record.attempts,
            duration=duration(record.started_at, record.finished_at),
            started_at=record.started_at,
            idempotency_key=record.idempotency_key,
            inputs=self._inputs(record, action, reader),
            outputs=self._outputs(record, action, reader),
            error=self._error(record.error) if record.status != StepStatus.SUCCEEDED else None,
            advice=advice(record.error),
            looked_up=str(record.get_look_up_display()),
        )

    def _inputs(self, record: StepRun, action: Action | None, reader: Reader) -> Values:
        if not record.inputs:
            return Values()
        if action is None:
            return Values(hidden=_now("Hidden: without its action, nobody can say which inputs are secret."))
        currencies = currencies_of(action, self._raw_inputs(record), self._scope)
        return self._shown(
            lambda: reader.inputs(action, record.inputs, record.outputs, currencies=currencies)
        )

    def _raw_inputs(self, record: StepRun) -> Json:
        """The inputs of the step as the definition has them."""
        place = self.places.get(record.step_key)
        return place.step.get("inputs", {}) if place else {}

    @cached_property
    def _scope(self) -> Json:
        """What the run knows now: its event, and what each step gave."""
        given = {key: tries[-1].outputs for key, tries in self.records.items() if tries[-1].outputs}
        return Scope.of_event(self.run.event, steps=given)

    def _outputs(self, record: StepRun, action: Action | None, reader: Reader) -> Values:
        if not record.outputs:
            return Values()
        if action is None:
            return self._shown(lambda: Values(json=pretty(record.outputs)))
        return self._shown(lambda: reader.outputs(action, record.outputs))

    def _shown(self, values: Any) -> Values:
        if self.payloads:
            return values()
        return Values(hidden=_now("Seeing these values needs the permission to see payloads."))

    def _error_ways(self, step: Json) -> Iterator[WayTaken]:
        error_branch = step.get("error_branch")
        if error_branch is None:
            return
        state = _error_state(next(reversed(self.records.get(step["key"], ())), None))
        inside = error_branch["steps"]
        yield WayTaken(
            key=ERROR_BRANCH_KEY,
            name=_now("If it fails"),
            sentence="",
            otherwise=False,
            state=state,
            lines=(),
            cards=tuple(self._cards(inside)) if state == "taken" else (),
            skipped=tuple(map(step_title, inside)) if state != "taken" else (),
            on_error=True,
        )

    def _ways(self, step: Json) -> Iterator[WayTaken]:
        record = next(iter(self.records.get(step["key"], ())), None)
        seen = {one["branch"]: one["evaluation"] for one in (record.explanation if record else None) or ()}
        known = Known.at(self.event_types, self.places[step["key"]])
        explainer = Explainer(known, self.payloads)
        chosen_by = self._chosen_by(step["key"])
        is_unknown = any(one and one["truth"] == "unknown" for one in seen.values())
        for branch in step["branches"]:
            state = _way_state(branch, record, seen)
            person = chosen_by if state == "taken" else ""
            is_ahead = state in ("taken", "open", "asked")
            yield WayTaken(
                key=branch["key"],
                name=branch.get("name", ""),
                sentence=condition_sentence(branch.get("conditions"), known),
                otherwise=branch.get("otherwise", False),
                state=state,
                lines=explainer.lines(seen.get(branch["key"])),
                cards=tuple(self._cards(branch["steps"])) if is_ahead else (),
                skipped=() if is_ahead else tuple(map(step_title, branch["steps"])),
                hint=_hint(branch, state, person, is_unknown=is_unknown),
                chosen_by=person,
            )

    def _chosen_by(self, key: str) -> str:
        """Who chose the branch of this step; "" if nobody did."""
        for one in self.operations:
            if one.kind == OperationKind.CHOOSE and one.step == key:
                return one.user_name or _now("the command line")
        return ""


def _error_state(record: StepRun | None) -> str:
    """`open` while the step may still fail; then whether its error branch was taken."""
    if record is None or record.superseded_at or not record.state.is_recorded:
        return "open"
    return "taken" if record.handled else "not_taken"


def _way_state(branch: Json, record: StepRun | None, seen: dict[str, Any]) -> str:
    """`open` before the choice, `asked` where a person makes it; then taken, not_taken, or not_needed."""
    if record is None:
        return "open"
    if _is_undecided(record):
        return "not_taken" if record.run.state.is_final else "asked"
    if branch["key"] == record.branch_key:
        return "taken"
    return "not_taken" if branch["key"] in seen else "not_needed"


def _is_undecided(record: StepRun) -> bool:
    return record.kind == StepKind.BRANCH and record.status == StepStatus.WAITING


def _hint(branch: Json, state: str, person: str, *, is_unknown: bool) -> str:
    """Why the branch is where it is, as far as its own conditions do not tell."""
    if person:
        return _now("Chosen by %s, since a condition was unknown.") % person
    if state == "taken" and branch.get("otherwise"):
        if is_unknown:
            return _now("A condition was unknown, and then this branch is taken.")
        return _now("No other branch had its conditions met.")
    if state == "not_needed":
        return (
            _now("A condition before it was unknown.") if is_unknown else _now("An earlier branch was taken.")
        )
    return ""


def _category(event_type: str) -> str:
    return str(catalogue.any_event_type(event_type).category.label) if event_type else ""


def is_stopped(run: Run) -> bool:
    """Whether the page has to say first what went wrong."""
    return run.status in (RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN, RunStatus.HELD)
