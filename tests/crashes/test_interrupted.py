"""What a worker left behind, and what goes wrong outside the call, ends in the history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.workflows import conf
from stripeflow.workflows.engine import transitions
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.transitions import ForbiddenTransition, claim_run
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(2000)))


class Died(BaseException):
    pass


def die():
    raise Died


def execute_and_die(run, recorder):
    """A worker takes the run and dies in its call; its lease ends."""
    recorder.then(die)
    with pytest.raises(Died):
        execute(run.pk)
    put(run, lease_expires_at=timezone.now() - timedelta(seconds=1))


def put(run, **columns):
    Run.objects.filter(pk=run.pk).update(**columns)


def the_step(run):
    return StepRun.objects.get(run=run)


def test_a_read_that_ends_its_worker_again_and_again_fails_and_is_not_made_again(start, recorder):
    run = start(action("one", "test.safe", text="a"))
    for _ in range(conf.get("MAX_INTERRUPTIONS")):
        execute_and_die(run, recorder)
    recorder.plans.clear()
    calls = len(recorder.calls)
    assert execute(run.pk) is RunStatus.FAILED
    assert len(recorder.calls) == calls
    assert the_step(run).status == StepStatus.FAILED


def test_an_interrupted_step_whose_action_is_gone_is_not_called_failed(start, recorder, monkeypatch):
    run = start(action("one", text="a"))
    execute_and_die(run, recorder)
    monkeypatch.delitem(registry._actions, "test.record")
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    assert the_step(run).status == StepStatus.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (errors.InvalidInput("text", "Text is not right."), RunStatus.OUTCOME_UNKNOWN),
        (errors.KeyMismatch("Other parameters."), RunStatus.WAITING),  # to be looked up
        (errors.PermanentError("Declined.", code="card_error"), RunStatus.FAILED),
    ],
)
def test_a_refusal_counts_for_a_lost_answer_only_if_the_receiver_knew_the_key(
    start, recorder, refusal, status
):
    run = start(action("one", text="a"))
    execute_and_die(run, recorder)
    recorder.then(refusal)
    assert execute(run.pk) is status


def test_a_defect_outside_a_step_ends_the_run_visibly(start, monkeypatch):
    run = start(branch("choose", way("large", LARGE)), obj=payment(1))
    monkeypatch.setattr("stripeflow.workflows.conditions.evaluate", lambda *_, **__: 1 / 0)
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    assert run.error["code"] == "engine_crashed"
    assert "ZeroDivisionError" in run.error["message"]


@pytest.mark.parametrize(("error", "status"), [(DataError, "failed"), (OperationalError, "running")])
def test_a_database_that_is_away_leaves_the_run_to_the_next_claim(start, monkeypatch, error, status):
    def fail(*_):
        raise error

    run = start(branch("choose", way("large", LARGE)))
    monkeypatch.setattr("stripeflow.workflows.blocks.branch.record_step", fail)
    try:
        execute(run.pk)
    except OperationalError:
        assert error is OperationalError
    run.refresh_from_db()
    assert run.status == status


@pytest.mark.parametrize(
    ("value", "status", "stored"),
    [(Decimal("1.50"), RunStatus.SUCCEEDED, "1.50"), (object(), RunStatus.FAILED, None)],
    ids=["decimal", "object"],
)
def test_an_output_that_json_can_not_hold_ends_in_the_history(start, recorder, value, status, stored):
    recorder.then(lambda: {"more": value})
    run = start(action("one", "test.safe", text="a"))
    assert execute(run.pk) is status
    assert (the_step(run).outputs or {}).get("more") == stored


def test_details_that_json_can_not_hold_do_not_hide_the_failure(start, recorder):
    recorder.then(errors.PermanentError("No.", code="no", details={"what": object()}))
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.FAILED
    assert the_step(run).error["code"] == "no"


def test_nul_in_an_error_is_stored_harmlessly(start, recorder):
    recorder.then(errors.UnknownOutcome("a\0b"))
    run = start(action("one", "test.ask", text="a"))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    run.refresh_from_db()
    assert run.error["message"] == "a\ufffdb"


def test_the_engine_refuses_changes_that_the_table_does_not_have(start):
    run = start(action("one", text="a"))
    claim = claim_run(run.pk, now=timezone.now())
    failed = StepRun.of(run, path="one", status=StepStatus.FAILED, started_at=timezone.now())
    failed.save()
    with pytest.raises(ForbiddenTransition):
        transitions.leave(claim, RunStatus.QUEUED, now=timezone.now())
    with pytest.raises(ForbiddenTransition):
        transitions.start_step(claim, failed, now=timezone.now())
    with pytest.raises(ForbiddenTransition):
        transitions.end_step(claim, failed, StepStatus.SUCCEEDED)


def test_a_claim_takes_runs_only_from_states_that_may_become_running(start):
    run = start(action("one", text="a"))
    long_ago = timezone.now() - timedelta(days=1)
    for status in RunStatus:
        put(run, status=status, due_at=long_ago, lease_expires_at=long_ago)
        taken = claim_run(run.pk, now=timezone.now()) is not None
        assert not taken or status.may_become(RunStatus.RUNNING), status
