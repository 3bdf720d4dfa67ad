"""Where runs wait for a time, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass

from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus


@dataclass(frozen=True)
class Waiting:
    """The step at which a run waits, by its row and its title."""

    record: StepRun
    title: str


def wait_of(run: Run) -> Waiting | None:
    """At which step the run waits for a time; None if it does not."""
    found = waiting_step(run, run.steps.at_waits())
    return Waiting(found, title_in(run.version.document, found.step_key)) if found else None


def waiting_step(run: Run, records: Iterable[StepRun]) -> StepRun | None:
    """The row of the step at which the run waits for a time; None if it does not."""
    if run.status != RunStatus.WAITING:
        return None
    waiting = (row for row in records if row.status == StepStatus.WAITING and row.due_at is not None)
    return next(waiting, None)
