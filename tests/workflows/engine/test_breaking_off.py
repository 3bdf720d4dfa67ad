"""A run that fails outside of its steps takes the wait at which it stood with it."""

import pytest
from django.utils import timezone

from stripeflow.workflows import conf
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.blocks.waits import for_a_time
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.giving_up import give_up_exhausted
from stripeflow.workflows.engine.transitions import claim_run
from stripeflow.workflows.history.waiting import waits_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


def meets_a_defect(run):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(for_a_time.WaitBlock, "woken", lambda *_, **__: 1 / 0)
        assert execute(run.pk) is RunStatus.FAILED


def ends_every_worker(run):
    for _worker in range(conf.get("MAX_CLAIMS_WITHOUT_PROGRESS")):
        assert claim_run(run.pk, now=timezone.now()) is not None
        Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now())
    assert give_up_exhausted() == 1


BREAKS = [(meets_a_defect, "engine_crashed"), (ends_every_worker, "workers_lost")]


@pytest.fixture
def woken(start, recorder):
    """A run whose wait a person has ended, so that a worker may take it."""
    run = start(wait(name="Cooling off"), action("after", text="{{ steps.wait.until }}"))
    execute(run.pk)
    on_runs.wake(on_runs.get(run.pk), NOBODY)
    return run


@pytest.mark.parametrize(("breaks", "code"), BREAKS)
def test_its_wait_fails_with_it_and_is_named(woken, breaks, code):
    breaks(woken)
    woken.refresh_from_db()
    step = woken.steps.get()
    assert (step.status, step.error["code"]) == (StepStatus.FAILED, code)
    assert (woken.error["code"], woken.error["step"], woken.error["step_name"]) == (
        code,
        "wait",
        "Cooling off",
    )
    assert step.finished_at is not None
    assert waits_of([woken.version_id]) == {}


@pytest.mark.parametrize(("breaks", "code"), BREAKS)
def test_a_retry_goes_on_where_it_stood(woken, recorder, breaks, code):
    due = woken.steps.get().due_at
    breaks(woken)
    on_runs.retry(on_runs.get(woken.pk), NOBODY)
    assert execute(woken.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == [str(int(due.timestamp()))]


def test_a_retry_waits_until_the_moment_that_was_decided(start, recorder):
    run = start(wait(), action("after", text="a"))
    execute(run.pk)
    decided = run.steps.get()
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(for_a_time.WaitBlock, "run", lambda *_: 1 / 0)
        assert execute(run.pk) is RunStatus.FAILED
    on_runs.retry(on_runs.get(run.pk), NOBODY)
    assert execute(run.pk) is RunStatus.WAITING
    again = run.steps.get(group=2)
    assert (again.status, again.due_at, again.started_at) == ("waiting", decided.due_at, decided.started_at)
    assert on_runs.get(run.pk).due_at == decided.due_at
    assert list(waits_of([run.version_id])) == ["wait"]
