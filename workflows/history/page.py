"""The page of one run: its trigger, and the cards of the steps along the way that it took."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from stripeflow.actions.dashboard import Dashboard
from stripeflow.triggers import catalogue
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.cards import Outline
from stripeflow.workflows.display.durations import duration
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.labels import event_category, event_label
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.display.values import Reader, Values, pretty
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.history.items import RunRecords
from stripeflow.workflows.history.marks import run_marks
from stripeflow.workflows.history.notes import Note, notes_of
from stripeflow.workflows.history.path import Path
from stripeflow.workflows.history.tries import Records
from stripeflow.workflows.models import LoopItem, Run, RunOperation, failures
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations.choosing import ways_of
from stripeflow.workflows.operations.waiting import wait_of
from stripeflow.workflows.states import RunStatus, StepStatus

# On a page; the API has all.
MOST_NOTES = 100


@dataclass(frozen=True)
class Deed:
    """What a person did, and the title of the branch that they chose, if they did."""

    operation: RunOperation
    branch: str = ""


@dataclass(frozen=True)
class Start:
    """What started the run: the event, and what the trigger's conditions saw."""

    label: str
    category: str
    lines: tuple[Explained, ...]
    sentence: str
    object: Values
    object_label: str


class RunPage:
    """Everything that the page of a run shows. `payloads`: whether values may be shown.

    `operations`: what people did to the run. Of each loop it shows the steps of one item: of `item`, and of
    the items around it, where a person has chosen one.
    """

    def __init__(
        self,
        run: Run,
        *,
        payloads: bool,
        operations: Iterable[RunOperation] = (),
        item: LoopItem | None = None,
    ) -> None:
        self.run, self.payloads = run, payloads
        self.operations = tuple(operations)
        self.document: Json = run.version.document
        self.dashboard = Dashboard(run.event.livemode, run.event.account)
        self._read = RunRecords(run, item)
        self.records: Records = {}
        for record in self._read.rows:
            self.records.setdefault(record.step_key, []).append(record)

    @cached_property
    def path(self) -> Path:
        """What became of the steps along the way."""
        loops = self._read.loops
        return Path(self.run, self.records, loops=loops, payloads=self.payloads, operations=self.operations)

    @cached_property
    def outline(self) -> Outline:
        """The cards of the run's version, with what became of each."""
        return outline(self.document, marks=run_marks(self.run, self.path, self.trigger.object_label))

    @cached_property
    def trigger(self) -> Start:
        event, known = self.run.event, Known(self.path.trigger)
        conditions = self.document["trigger"].get("conditions")
        return Start(
            label=event_label(event),
            category=event_category(event),
            lines=Explainer(known, self.payloads).lines(self.run.explanation),
            sentence=condition_sentence(conditions, known),
            object=self._object(),
            object_label=str(catalogue.object_label(event.object_type)) if event.object_type else "",
        )

    def _object(self) -> Values:
        if not self.payloads:
            return Values.withheld()
        return Reader(self.dashboard).object(self.run.event.object_type, self.run.event.object)

    @cached_property
    def notes(self) -> list[Note]:
        """What steps have added to the history, the first ones."""
        return notes_of(self.run, most=MOST_NOTES, payloads=self.payloads)

    @property
    def was_ended(self) -> bool:
        """Whether a step has ended the run, as succeeded."""
        ending = [key for key, place in self.path.places.items() if kinds.of(place.step).ends_run]
        if not ending:
            return False
        return self.run.steps.filter(step_key__in=ending, status=StepStatus.SUCCEEDED).exists()

    @property
    def was_handled(self) -> bool:
        """Whether an error branch was taken."""
        return bool(self.path.handled)

    @cached_property
    def payload(self) -> str:
        """The event as JSON, "" without the permission."""
        return pretty(self.run.event.payload) if self.payloads else ""

    @property
    def canceled_label(self) -> str:
        """What people call the event that ended the run; "" if none did."""
        return event_label(self.run.canceled_by) if self.run.canceled_by else ""

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
        titles = {way.key: way.title for way in ways_of(self.document, operation.step_key)}
        return Deed(operation, titles[operation.branch])

    @cached_property
    def error(self) -> Json | None:
        """Why the run ended or waits, as far as it may be shown."""
        return failures.shown(self.run.error, payloads=self.payloads)

    @cached_property
    def waits_at(self) -> str:
        """The title of the step whose time the run waits for, or ""."""
        wait = wait_of(self.run)
        return wait.title if wait else ""

    @property
    def duration(self) -> str:
        return duration(self.run.started_at, self.run.finished_at)


def is_stopped(run: Run) -> bool:
    """Whether the page has to say first what went wrong."""
    return run.status in (RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN, RunStatus.HELD)
