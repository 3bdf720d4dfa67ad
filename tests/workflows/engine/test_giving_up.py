import os
import signal
from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from stripeflow.workflows import conf
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine import giving_up
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.giving_up import give_up_exhausted
from stripeflow.workflows.engine.transitions import Claim, claim_run
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.queue import ALERT
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.worker.due import look_around
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(2000)))


def kill_yourself(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)


class Died(BaseException):
    pass


def die(*_args, **_options):
    raise Died


def expire(run):
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def lose_workers(run, count=None):
    """So many workers take the run, and end before they record anything."""
    for _worker in range(conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") if count is None else count):
        assert claim_run(run.pk, now=timezone.now()) is not None
        expire(run)


def test_a_run_that_ends_every_worker_fails(start):
    run = start(action("one", text="a"))
    lose_workers(run)
    assert claim_run(run.pk, now=timezone.now()) is None
    assert give_up_exhausted() == 1
    run.refresh_from_db()
    assert (run.status, run.error["code"], run.token) == (RunStatus.FAILED, "workers_lost", None)
    assert run.finished_at is not None


def test_one_worker_less_leaves_it_to_the_next(start, recorder):
    run = start(action("one", text="a"))
    lose_workers(run, conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") - 1)
    assert give_up_exhausted() == 0
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a"]


def test_the_last_worker_is_waited_for(start):
    run = start(action("one", text="a"))
    lose_workers(run, conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") - 1)
    claim_run(run.pk, now=timezone.now())
    assert give_up_exhausted() == 0


def test_what_is_recorded_counts_again(start, monkeypatch):
    run = start(branch("choose", way("large", LARGE, action("one", text="a"))), obj=payment(300_000))
    lose_workers(run, conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") - 1)
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.engine.attempt.rendered_inputs", die)
        with pytest.raises(Died):
            execute(run.pk)
    expire(run)
    assert StepRun.objects.filter(run=run, path="choose").exists()
    assert give_up_exhausted() == 0
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_person_may_retry_it(start, recorder):
    run = start(action("one", text="a"))
    lose_workers(run)
    give_up_exhausted()
    on_runs.retry(on_runs.get(run.pk), Act())
    lose_workers(run, 1)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a"]


def test_a_database_that_is_away_for_long_counts_for_nothing(start, monkeypatch):
    def fail(*_args, **_options):
        raise OperationalError

    run = start(branch("choose", way("large", LARGE)))
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.blocks.branch.record_step", fail)
        for _attempt in range(conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") + 1):
            with pytest.raises(OperationalError):
                execute(run.pk)
            expire(run)
    assert give_up_exhausted() == 0
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("test.record", RunStatus.OUTCOME_UNKNOWN),
        ("test.ask", RunStatus.OUTCOME_UNKNOWN),
        ("test.safe", RunStatus.FAILED),
    ],
)
def test_a_step_that_may_have_acted_is_asked_about(start, recorder, kind, status):
    run = start(action("one", kind, text="a"))
    recorder.then(die)
    with pytest.raises(Died):
        execute(run.pk)
    expire(run)
    lose_workers(run)
    give_up_exhausted()
    run.refresh_from_db()
    assert run.status == status
    step = StepRun.objects.get(run=run)
    assert (step.status == StepStatus.OUTCOME_UNKNOWN) == (status is RunStatus.OUTCOME_UNKNOWN)


def test_what_is_asked_about_can_be_answered(start, recorder):
    run = start(action("one", "test.ask", text="a"), action("two", text="b"))
    recorder.then(die)
    with pytest.raises(Died):
        execute(run.pk)
    expire(run)
    lose_workers(run)
    give_up_exhausted()
    run.refresh_from_db()
    on_runs.confirm(run, Act(), revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b"]


def test_a_run_that_was_canceled_meanwhile_stays_canceled(start):
    run = start(action("one", text="a"))
    lose_workers(run)
    [(pk, token)] = Run.objects.exhausted(timezone.now()).values_list("pk", "token")
    on_runs.cancel(run, Act())
    assert not giving_up._give_up(Claim(pk, token), now=timezone.now())
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED


def test_the_sweep_gives_it_up_and_its_owner_is_notified(start, queue, django_capture_on_commit_callbacks):
    run = start(action("one", text="a"))
    lose_workers(run)
    with django_capture_on_commit_callbacks(execute=True):
        assert look_around()["given_up"] == 1
    assert queue.of(ALERT) == [(str(run.pk),)]


@pytest.mark.django_db(transaction=True)
def test_a_process_that_kills_itself_between_two_steps_does_so_only_a_few_times(start, recorder, monkeypatch):
    run = start(action("one", text="a"))
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.engine.attempt.rendered_inputs", kill_yourself)
        for _worker in range(conf.get("MAX_CLAIMS_WITHOUT_PROGRESS")):
            assert give_up_exhausted() == 0
            assert execute_in_a_process(run) == -signal.SIGKILL
            expire(run)
    assert give_up_exhausted() == 1
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED


def execute_in_a_process(run):
    """Execute the run in a child of this process; returns how that ended."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            execute(run.pk)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
