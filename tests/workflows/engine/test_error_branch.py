from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(2000)))
GONE = errors.PermanentError("The card is gone.", code="gone")
REFUSED = errors.PermanentError("Nobody answers the telephone.", code="silent")


def rescue(key="rescue", **inputs):
    return action(key, **{"text": "rescue", **inputs})


def statuses(run):
    return [(step.path, step.status) for step in run.steps.all()]


def test_a_failed_step_takes_its_error_branch_in_place_of_what_follows(finish, recorder):
    recorder.then(GONE)
    run = finish(failing(action("one", text="a"), rescue()), action("after", text="after"))
    assert recorder.texts == ["a", "rescue"]
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    assert run.finished_at is not None
    assert statuses(run) == [("one", "failed"), ("rescue", "succeeded")]


def test_the_last_step_of_the_branch_ends_the_run_by_its_own_write(finish, recorder, monkeypatch):
    def leave(*args, **columns):
        raise AssertionError("The run was left by a write of its own.")

    monkeypatch.setattr("stripeflow.workflows.engine.execution.leave", leave)
    recorder.then(GONE)
    run = finish(failing(action("one", text="a"), rescue()), action("after", text="after"))
    assert run.status == RunStatus.SUCCEEDED


def test_a_step_that_succeeds_goes_on_behind_its_error_branch(finish, recorder):
    run = finish(failing(action("one", text="a"), rescue()), action("after", text="after"))
    assert recorder.texts == ["a", "after"]
    assert run.status == RunStatus.SUCCEEDED


def test_what_follows_on_an_outer_level_does_not_run_either(finish, recorder):
    recorder.then(GONE)
    inner = way("large", LARGE, failing(action("one", text="a"), rescue()), action("next", text="b"))
    run = finish(branch("choose", inner), action("after", text="c"), obj=payment(300_000))
    assert recorder.texts == ["a", "rescue"]
    assert run.status == RunStatus.SUCCEEDED


def test_the_error_is_known_in_the_branch(finish, recorder):
    recorder.then(GONE)
    text = "{{ steps.one.error.code }}: {{ steps.one.error.message }}"
    finish(failing(action("one", text="a"), rescue(text=text)))
    assert recorder.texts[1] == "gone: The card is gone."


def test_conditions_in_the_branch_test_the_error(finish, recorder):
    recorder.then(GONE)
    is_gone = group(compare("steps.one.error.code", "equal", "gone"))
    choose = branch("choose", way("gone", is_gone, rescue()), otherwise=(action("no", text="no"),))
    finish(failing(action("one", text="a"), choose))
    assert recorder.texts == ["a", "rescue"]


def test_a_step_whose_inputs_can_not_be_made_takes_its_error_branch(finish, recorder):
    run = finish(failing(action("one", text="{{ trigger.metadata.nothing }}"), rescue()))
    assert recorder.texts == ["rescue"]
    assert run.status == RunStatus.SUCCEEDED


def test_a_step_that_was_tried_too_often_takes_its_error_branch(finish, recorder):
    recorder.then(errors.TransientError("Later."))
    step = {**action("one", text="a"), "retry": {"max_attempts": 1}}
    run = finish(failing(step, rescue()))
    assert recorder.texts == ["a", "rescue"]
    assert run.status == RunStatus.SUCCEEDED


def test_a_step_that_waits_does_not_take_its_error_branch_yet(finish, recorder):
    recorder.then(errors.TransientError("Later."))
    run = finish(failing(action("one", text="a"), rescue()))
    assert recorder.texts == ["a"]
    assert run.status == RunStatus.WAITING


def test_an_unknown_outcome_asks_a_person(finish, recorder):
    recorder.then(errors.UnknownOutcome("Nobody knows."))
    run = finish(failing(action("one", "test.ask", text="a"), rescue()))
    assert recorder.texts == ["a"]
    assert run.status == RunStatus.OUTCOME_UNKNOWN


def test_the_branch_is_taken_once_a_person_says_that_it_did_not_happen(finish, recorder):
    recorder.then(errors.UnknownOutcome("Nobody knows."))
    run = finish(failing(action("one", "test.ask", text="a"), rescue()), action("after", text="b"))
    on_runs.deny(run, on_runs.Act(), revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "rescue"]


def test_a_step_of_the_branch_that_fails_ends_the_run_as_failed(finish, recorder):
    recorder.then(GONE, REFUSED)
    run = finish(failing(action("one", text="a"), rescue()))
    assert run.status == RunStatus.FAILED
    assert (run.error["step"], run.error["code"]) == ("rescue", "silent")


def test_a_run_that_failed_in_the_branch_is_retried_there(finish, recorder):
    recorder.then(GONE, REFUSED)
    run = finish(failing(action("one", text="a"), rescue()), action("after", text="b"))
    on_runs.retry(run, on_runs.Act())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "rescue", "rescue"]
    assert statuses(run) == [("one", "failed"), ("rescue", "failed"), ("rescue", "succeeded")]


def test_a_run_whose_error_branch_succeeded_has_nothing_to_retry(finish, recorder):
    recorder.then(GONE)
    run = finish(failing(action("one", text="a"), rescue()))
    with pytest.raises(on_runs.NotPossible):
        on_runs.retry(run, on_runs.Act())


def test_a_step_of_the_branch_may_fail_and_go_on(finish, recorder):
    recorder.then(GONE, REFUSED)
    run = finish(failing(action("one", text="a"), {**rescue(), "on_error": "continue"}))
    assert recorder.texts == ["a", "rescue"]
    assert run.status == RunStatus.SUCCEEDED


def test_a_branch_within_a_branch(finish, recorder):
    recorder.then(GONE, REFUSED)
    text = "{{ steps.one.error.code }} {{ steps.rescue.error.code }}"
    run = finish(failing(action("one", text="a"), failing(rescue(), rescue("last", text=text))))
    assert recorder.texts == ["a", "rescue", "gone silent"]
    assert run.status == RunStatus.SUCCEEDED


def test_another_worker_goes_on_in_the_branch(finish, recorder):
    recorder.then(GONE, errors.TransientError("Later."))
    run = finish(failing(action("one", text="a"), rescue(text="{{ steps.one.error.code }}")))
    assert run.status == RunStatus.WAITING
    type(run).objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "gone", "gone"]
    assert StepRun.objects.get(run=run, path="one").attempts == 1


def test_a_worker_that_dies_before_the_branch_leaves_it_to_the_next_one(start, recorder, monkeypatch):
    class Died(BaseException):
        pass

    def die(*args):
        raise Died

    recorder.then(GONE)
    run = start(failing(action("one", text="a"), rescue()), action("after", text="b"))
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.blocks.action.ActionBlock._error_branch", die)
        with pytest.raises(Died):
            execute(run.pk)
    type(run).objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "rescue"]
    assert StepRun.objects.get(run=run, path="one").status == StepStatus.FAILED
