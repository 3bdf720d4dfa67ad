"""The sentences that steps have added to the history of a run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.wording import HIDDEN
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.references import TemplateError, parse
from stripeflow.workflows.states import StepStatus


@dataclass(frozen=True)
class Note:
    """A sentence, and the step that wrote it."""

    step: str
    path: str
    title: str
    text: str
    at: datetime | None


def notes_of(run: Run, *, most: int, payloads: bool) -> list[Note]:
    """The first notes of a run, in their order. Without `payloads`, “…” stands in place of each value."""
    by_key = {place.step["key"]: place.step for place in steps(run.version.document)}
    noting = [key for key, step in by_key.items() if kinds.of(step).note_input(step.get("inputs", {}))]
    if not noting:
        return []
    rows = run.steps.filter(step_key__in=noting, status=StepStatus.SUCCEEDED).order_by("pk")
    return list(_notes(by_key, rows[:most], payloads))


def _notes(by_key: dict[str, Json], records: Iterable[StepRun], payloads: bool) -> Iterator[Note]:
    for record in records:
        step = by_key.get(record.step_key)
        if step is None or record.status != StepStatus.SUCCEEDED:
            continue
        name = kinds.of(step).note_input(step.get("inputs", {}))
        action = kinds.of(step).declared(step)
        if name and action:
            text = _text(action.input(name), step["inputs"], record, payloads)
            yield Note(record.step_key, record.path, step_title(step), text, record.finished_at)


def _text(field: InputField, written: Json, record: StepRun, payloads: bool) -> str:
    """The rendered sentence; without its values where these may not be seen, or were emptied."""
    if not payloads or not record.inputs:
        return _without_values(str(written[field.name]))
    try:
        return str(field.clean(record.inputs.get(field.name)))
    except InvalidInput:
        return ""


def _without_values(template: str) -> str:
    try:
        return "".join(part if isinstance(part, str) else HIDDEN for part in parse(template).parts)
    except TemplateError:
        return HIDDEN
