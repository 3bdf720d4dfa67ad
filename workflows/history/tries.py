"""The attempts of one step of a run, with their inputs and outputs."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.dashboard import Dashboard
from stripeflow.triggers.models import Event
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import ActsAs
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import chooses
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.durations import duration
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.display.sentences import advice
from stripeflow.workflows.display.times import before_stop
from stripeflow.workflows.display.values import Reader, Values, pretty
from stripeflow.workflows.history.amount_currency import currencies_of
from stripeflow.workflows.models import Run, StepRun, failures
from stripeflow.workflows.models.loop import without_keys
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus, StepStatus

# The rows of each step, by its key: of one that runs once for each item, those of all items.
Records = dict[str, list[StepRun]]


@dataclass(frozen=True)
class Try:
    """One attempt of a step. Of several, the last one counts; the earlier ones were retried."""

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
    # Until when it waits, or has waited; None for a step that does not wait.
    due_at: datetime | None
    is_waiting: bool
    # The event that ended its wait, and what people call it.
    woken_by: Event | None
    woken_label: str

    @property
    def due_text(self) -> str:
        """Until when it waits, at the end of a sentence."""
        return before_stop(self.due_at) if self.due_at else ""

    @property
    def started_text(self) -> str:
        """Since when, at the end of a sentence."""
        return before_stop(self.started_at)


class Tries:
    """Reads the rows of a run's steps for people. `payloads`: whether values may be shown."""

    def __init__(self, run: Run, records: Records, *, payloads: bool) -> None:
        self.run, self.records, self.payloads = run, records, payloads

    def of(self, step: Json) -> tuple[Try, ...]:
        """The attempts of a step, oldest first."""
        action, reader = kinds.of(step).declared(step), self._reader_of(step)
        return tuple(self._try(record, step, action, reader) for record in self.records.get(step["key"], ()))

    def _reader_of(self, step: Json) -> Reader:
        """The reader whose links lead to the account that the step acts in."""
        account = "" if step.get("acts_as") == ActsAs.PLATFORM else self.run.event.account
        titles = partial(title_in, self.run.version.document)
        return Reader(Dashboard(self.run.event.livemode, account), titles)

    def _try(self, record: StepRun, step: Json, action: Action | None, reader: Reader) -> Try:
        error = record.error if record.status != StepStatus.SUCCEEDED else None
        key = record.idempotency_key
        return Try(
            status="canceled" if self._is_left_behind(record) else record.status,
            status_label=self._label(step, record),
            attempts=record.attempts,
            duration=duration(record.started_at, record.finished_at),
            started_at=record.started_at,
            idempotency_key=key if self.payloads else without_keys(key),
            inputs=self._inputs(record, step, action, reader),
            outputs=self._outputs(record, action, reader),
            error=failures.shown(error, payloads=self.payloads),
            advice=advice(record.error),
            looked_up=str(record.get_look_up_display()),
            due_at=record.due_at,
            is_waiting=record.status == StepStatus.WAITING and not self.run.state.is_final,
            woken_by=record.woken_by,
            woken_label=event_label(record.woken_by) if record.woken_by else "",
        )

    def _label(self, step: Json, record: StepRun) -> str:
        if self._is_left_behind(record):
            # The run has ended otherwise: by a step inside, as of a loop in which one stops the run.
            is_canceled = self.run.state is RunStatus.CANCELED
            return str(RunStatus.CANCELED.label) if is_canceled else _("Ended with the run")
        if record.status == StepStatus.WAITING and (label := kinds.of(step).waiting_label):
            return str(label)
        return _("Undecided") if is_undecided(step, record) else record.get_status_display()

    def _is_left_behind(self, record: StepRun) -> bool:
        """Whether the run has ended without an outcome of the step."""
        return record.status == StepStatus.WAITING and self.run.state.is_final

    def _inputs(self, record: StepRun, step: Json, action: Action | None, reader: Reader) -> Values:
        if not record.inputs:
            return Values()
        if action is None:
            return Values(hidden=_("Hidden: without its action, nobody can say which inputs are secret."))
        if not self.payloads:
            return Values.withheld()
        currencies = currencies_of(action, step.get("inputs", {}), self._scope)
        return reader.inputs(action, record.inputs, record.outputs, currencies=currencies)

    @cached_property
    def _scope(self) -> Json:
        """What the run knows now: its event, and what each step gave."""
        given = {key: rows[-1].outputs for key, rows in self.records.items() if rows[-1].outputs}
        return Scope.of_event(self.run.event, steps=given)

    def _outputs(self, record: StepRun, action: Action | None, reader: Reader) -> Values:
        if not record.outputs:
            return Values()
        if not self.payloads:
            return Values.withheld()
        return reader.outputs(action, record.outputs) if action else Values(json=pretty(record.outputs))


def is_undecided(step: Json, record: StepRun) -> bool:
    """Whether the step waits for a person to choose one of its branches."""
    return record.status == StepStatus.WAITING and chooses(step)
