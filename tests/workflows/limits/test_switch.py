import pytest

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.models import AccountPause, Workflow
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


def state(run):
    run.refresh_from_db()
    return run.status, run.held_reason


def stop():
    """As a plan of the recorder: somebody throws the switch while the step is under way."""
    switch.stop()
    return {}


def test_no_step_starts_while_the_switch_is_thrown(start, recorder):
    run = start(action("one", text="a"))
    switch.stop(reason="Something is wrong.")
    execute(run.pk)
    assert state(run) == (RunStatus.HELD, HeldReason.SWITCH)
    assert recorder.calls == []


def test_the_switch_stops_a_run_between_two_steps(start, recorder):
    run = start(action("one", text="a"), action("two", text="b"))
    recorder.then(stop)
    execute(run.pk)
    assert state(run) == (RunStatus.HELD, HeldReason.SWITCH)
    assert recorder.texts == ["a"]


def test_held_runs_go_on_where_they_were(start, recorder):
    run = start(action("one", text="a"), action("two", text="b"))
    recorder.then(stop)
    execute(run.pk)
    assert switch.start() == 1
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b"]


def test_a_worker_sees_within_two_seconds_what_another_process_did(db, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(switch.time, "monotonic", lambda: clock[0])
    assert not switch.is_stopped()
    switch.Switch.objects.create(pk=1, stopped_at="2026-01-01T00:00Z")
    assert not switch.is_stopped()
    clock[0] += switch.KEEP_SECONDS
    assert switch.is_stopped()
    assert switch.KEEP_SECONDS < 5


def test_the_runs_of_a_paused_workflow_are_held_and_go_on_after_it(start, recorder):
    run = start(action("one", text="a"))
    assert pausing.pause(run.workflow_id, "To look at it.")
    assert not pausing.pause(run.workflow_id, "Again.")
    execute(run.pk)
    assert state(run) == (RunStatus.HELD, HeldReason.PAUSED)
    assert pausing.resume(run.workflow_id) == 1
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert Workflow.objects.get().paused_at is None


def test_a_refused_key_pauses_the_workflow_and_holds_the_run(start, recorder):
    from stripeflow.actions.errors import AuthenticationFailed
    from stripeflow.actions.wording import worded

    run = start(action("one", text="a"))
    recorder.then(AuthenticationFailed(worded("Stripe refused the API key of {whose}.", whose="Jane")))
    execute(run.pk)
    assert state(run) == (RunStatus.HELD, HeldReason.ACCOUNT_PAUSED)
    assert AccountPause.objects.get(workflow=run.workflow_id).reason == ("Stripe refused the API key of ….")
    pausing.resume(run.workflow_id)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys[0] == recorder.keys[1]


def test_the_first_reason_stands(db):
    assert switch.stop(reason="First.")
    assert not switch.stop(reason="Second.")
    assert switch.current().reason == "First."
