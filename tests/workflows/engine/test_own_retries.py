"""A step's own retry policy, executed: it decides in place of the installation's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

BUSY = errors.TransientError("Busy.")


@pytest.fixture(autouse=True)
def _longest_pauses(monkeypatch):
    monkeypatch.setattr("stripeflow.workflows.engine.attempt_case.random.random", lambda: 1.0)


def busy(retry, kind="test.record"):
    return {**action("one", kind, text="a"), "retry": retry}


def step(run):
    return StepRun.objects.filter(run=run).latest("group")


def pause(run):
    run.refresh_from_db()
    return (run.due_at - timezone.now()).total_seconds()


def again(run, *, later=0.0):
    """The pause is over; `later` seconds more have passed since the first attempt."""
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    for row in StepRun.objects.filter(run=run):
        StepRun.objects.filter(pk=row.pk).update(started_at=row.started_at - timedelta(seconds=later))
    return execute(run.pk)


@pytest.mark.parametrize(
    ("retry", "least", "most"),
    [({}, 1, 2), ({"base_seconds": 60}, 59, 60)],
)
def test_pauses_as_long_as_the_step_says(finish, recorder, retry, least, most):
    recorder.then(BUSY)
    run = finish(busy(retry))
    assert run.status == RunStatus.WAITING
    assert least < pause(run) <= most


def test_no_pause_is_longer_than_the_step_says(start, recorder):
    recorder.then(BUSY, BUSY)
    run = start(busy({"base_seconds": 60, "cap_seconds": 70}))
    execute(run.pk)
    assert again(run) is RunStatus.WAITING
    assert 69 < pause(run) <= 70


def test_a_step_may_never_be_tried_again(finish, recorder):
    recorder.then(BUSY)
    run = finish(busy({"max_attempts": 1}))
    assert (run.status, step(run).attempts) == (RunStatus.FAILED, 1)


def test_a_step_may_be_tried_more_often_than_others(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 1}
    recorder.then(BUSY, BUSY)
    run = start(busy({"max_attempts": 3}))
    assert [execute(run.pk), again(run), again(run)] == [
        RunStatus.WAITING,
        RunStatus.WAITING,
        RunStatus.SUCCEEDED,
    ]


@pytest.mark.parametrize(("later", "status"), [(56, RunStatus.WAITING), (59, RunStatus.FAILED)])
def test_a_pause_beyond_the_total_time_is_not_begun(start, recorder, later, status):
    recorder.then(BUSY, BUSY)
    run = start(busy({"base_seconds": 1, "total_seconds": 60}))
    execute(run.pk)
    assert again(run, later=later) is status


def test_what_is_asked_for_beyond_the_total_time_ends_the_step_at_once(finish, recorder):
    recorder.then(errors.TransientError("Busy.", retry_after=61))
    run = finish(busy({"total_seconds": 60}))
    assert (run.status, step(run).status) == (RunStatus.FAILED, StepStatus.FAILED)


def test_the_total_time_of_the_installation_holds_for_every_step(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RETRY_TOTAL_SECONDS": 60}
    recorder.then(BUSY, BUSY)
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.WAITING
    assert again(run, later=60) is RunStatus.FAILED


def test_a_call_that_may_have_acted_is_unknown_at_the_end_of_its_time(start, recorder):
    recorder.then(errors.UnknownOutcome("Nobody answered."), BUSY)
    run = start(busy({"total_seconds": 60}))
    assert execute(run.pk) is RunStatus.WAITING
    assert again(run, later=60) is RunStatus.OUTCOME_UNKNOWN


def test_a_persons_retry_has_its_own_time_and_attempts(start, recorder):
    recorder.then(BUSY, BUSY)
    run = start(busy({"max_attempts": 2, "total_seconds": 60}))
    execute(run.pk)
    assert again(run, later=60) is RunStatus.FAILED
    run.refresh_from_db()
    on_runs.retry(run, on_runs.Act())
    recorder.then(BUSY)
    assert execute(run.pk) is RunStatus.WAITING
    assert (step(run).group, step(run).attempts) == (2, 1)


def test_the_rate_limiter_fails_no_step(start, recorder):
    recorder.then(*[errors.Throttled("Slowly.", retry_after=100)] * 2)
    run = start(busy({"max_attempts": 1, "total_seconds": 60}))
    assert execute(run.pk) is RunStatus.WAITING
    assert again(run, later=3600) is RunStatus.WAITING
    assert again(run) is RunStatus.SUCCEEDED
