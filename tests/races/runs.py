"""Sixteen workers that are rung for one run."""

from collections import Counter
from itertools import count
from threading import Event
from unittest import mock
from uuid import uuid4

from django.db.models import F

from stripeflow.workflows.engine import transitions
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from tests.crashes.outside import Door, Outside
from tests.races.crowd import PATIENCE, Meeting, at_once
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

WORKERS = 16
PATHS = ("pay", "tell", "more")

_names = count(1)


def many_workers_on_one_run(rounds: int) -> list[str]:
    faults = []
    for _ in range(rounds):
        faults += _round(late=False) + _round(late=True)
    return faults


def many_workers_without_a_lease() -> list[str]:
    """The same, where every worker may take the run, and nobody looks whether it is still theirs."""

    def claim_run(run_id, *, now):
        columns = {"status": RunStatus.RUNNING, "token": uuid4(), "claims": F("claims") + 1}
        Run.objects.filter(pk=run_id).update(**columns)
        return transitions.Claim(run_id, uuid4())

    with (
        mock.patch("stripeflow.workflows.engine.execution.claim_run", claim_run),
        mock.patch.object(transitions, "_claimed_by", lambda claim: {"pk": claim.run_id}),
    ):
        return _round(late=True)


def start_one() -> Run:
    steps = (action(path, "test.ask" if path == "tell" else "test.keyed", text="a") for path in PATHS)
    workflow = lifecycle.create(document(*steps, name=f"Workflow {next(_names)}"))
    lifecycle.activate(workflow)
    run = Run.objects.get(event=accept(payment(id=f"pi_{uuid4().hex}")), workflow=workflow)
    lifecycle.deactivate(workflow)
    workflow.activations.update(topic="none")  # its last second is not over yet
    return run


def _round(*, late: bool) -> list[str]:
    """One run, and its faults. `late`: all but one worker come when that one is already acting."""
    run = start_one()
    meeting = Meeting(WORKERS)
    calls: Counter[str] = Counter()
    acting = Event()

    def reach(name: str) -> None:
        acting.set()
        # Whoever acts first waits until every other worker has either gone away or acts too.
        if name.startswith("before"):
            calls[name.removeprefix("before the effect of ")] += 1
            meeting.wait()

    def work() -> RunStatus | None:
        try:
            return execute(run.pk)
        finally:
            meeting.leave()

    def work_late() -> RunStatus | None:
        acting.wait(PATIENCE)
        return work()

    Door.outside = Outside(reach)
    results = at_once(work, *[work_late if late else work] * (WORKERS - 1))
    run.refresh_from_db()
    faults = [f"{error!r}" for error in results if isinstance(error, Exception)]
    if [result for result in results if result] != [RunStatus.SUCCEEDED]:
        faults.append("more or less than one worker had the run")
    faults += [f"{path} was called again" for path, number in calls.items() if number > 1]
    faults += [f"{path} was never called" for path in PATHS if path not in calls]
    if run.status != RunStatus.SUCCEEDED or [step.status for step in run.steps.all()] != ["succeeded"] * 3:
        faults.append(f"the run ended as {run.status}")
    return faults
