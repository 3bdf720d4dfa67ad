"""Two people who cancel a run and the run that it waits for, in the same moment."""

import threading
from contextlib import suppress
from typing import Any
from unittest import mock
from uuid import uuid4

from stripeflow.workflows.approvals import asking
from stripeflow.workflows.audit.acts import NOBODY, NotPossible
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle, on_runs
from tests.campaigns.connected import child, parent
from tests.races.crowd import at_once
from tests.workflows.events import accept, payment

# How long each of them waits for the other to have its run. Where only one can write, they come in turns.
MOMENT = 0.5


def a_run_and_the_one_that_it_waits_for(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _both()]


def _both() -> list[str]:
    inner = _active({**child(), "name": f"Child {uuid4().hex}"})
    outer = _active({**parent(inner.pk, inner.name), "name": f"Parent {uuid4().hex}"})
    event = accept(payment(id=f"pi_{uuid4().hex}"))
    waiting = Run.objects.get(event=event, workflow=outer)
    execute(waiting.pk)
    started = Run.objects.get(workflow=inner)
    with _have_both():
        results = at_once(*(lambda run=run: _cancel(run) for run in (waiting, started)))
    found = {run.workflow.name: run.status for run in Run.objects.filter(workflow__in=[inner, outer])}
    for workflow in (outer, inner):
        lifecycle.deactivate(workflow)
    faults = [
        f"{one!r}" for one in results if isinstance(one, Exception) and not isinstance(one, NotPossible)
    ]
    return faults + [f"{name} is {status}" for name, status in found.items() if status != "canceled"]


def _cancel(run: Run) -> None:
    on_runs.cancel(on_runs.get(run.pk), NOBODY)


def _have_both() -> Any:
    """Each of them goes on once the other one has its own run, too."""
    both, mine = threading.Barrier(2), threading.local()
    ended = asking.end_with_run

    def end_with_run(*args: Any) -> None:
        if not getattr(mine, "has_waited", False):
            mine.has_waited = True
            with suppress(threading.BrokenBarrierError):
                both.wait(MOMENT)
        ended(*args)

    return mock.patch.object(asking, "end_with_run", end_with_run)


def _active(made: dict[str, Any]) -> Workflow:
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow
