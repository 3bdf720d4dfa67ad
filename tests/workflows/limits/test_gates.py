"""What keeps a step from beginning is asked when it begins, and not only when its run was taken."""

import pytest
from django.db import connection
from django.utils import timezone

from bench.plans import watched
from stripeflow.actions.errors import TransientError
from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode
from stripeflow.workflows.engine.attempt import Attempt
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import deauthorized, gates, pausing, switch
from stripeflow.workflows.models import Deauthorization, Run, Workflow
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

OURS = AccountMode(livemode=False, account="acct_1")


def throw_the_switch():
    # As another process does it: this one goes by what it has read last.
    seen = switch._seen
    switch.stop(reason="Losses.")
    switch._seen = seen


def pause():
    pausing.pause(Workflow.objects.get().pk, "Losses.")


def pause_account():
    pausing.pause_account(Workflow.objects.get().pk, OURS, "Flood.", cause=PauseCause.FLOOD)


def pause_mode():
    whose = OURS._replace(account=EVERY_ACCOUNT)
    pausing.pause_account(Workflow.objects.get().pk, whose, "Refused.", cause=PauseCause.REFUSED)


def disconnect():
    now = timezone.now()
    Deauthorization.objects.create(**OURS._asdict(), told_at=now, deauthorized_at=now, held_at=now)


def reconnect():
    deauthorized.reconnect(Deauthorization.objects.get())


def resume():
    pausing.resume(Workflow.objects.get().pk)


CLOSING = {
    "switch": (throw_the_switch, switch.start, HeldReason.SWITCH),
    "pause": (pause, resume, HeldReason.PAUSED),
    "account pause": (pause_account, resume, HeldReason.ACCOUNT_PAUSED),
    "pause of a mode": (pause_mode, resume, HeldReason.ACCOUNT_PAUSED),
    "deauthorization": (disconnect, reconnect, HeldReason.DEAUTHORIZED),
}
every_gate = pytest.mark.parametrize(("close", "reopen", "reason"), CLOSING.values(), ids=CLOSING)


@pytest.fixture(autouse=True)
def _switch():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def begun(recorder):
    """A run of an account's event; its steps are called one, two, …"""

    def begun(*steps):
        lifecycle.activate(lifecycle.create(document(*steps)))
        return Run.objects.get(event=accept(payment(), **OURS._asdict()))

    return begun


def two_steps():
    return action("one", text="a"), action("two", text="b")


def closing(monkeypatch, name, close):
    """Close a gate once `name` is called, right before the step begins."""
    original = getattr(Attempt, name)

    def closing(self, *args):
        close()
        return original(self, *args)

    monkeypatch.setattr(Attempt, name, closing)


def assert_held(run, reason, *, at):
    run.refresh_from_db()
    assert (run.status, run.held_reason, run.error["step"]) == (RunStatus.HELD, reason, at)


def test_every_reason_that_ends_by_itself_is_a_gate():
    ended_by_a_person = {
        HeldReason.OBJECT,
        HeldReason.RESTORED,
        HeldReason.UNDECIDED,
        HeldReason.AWAITS_RELEASE,
    }
    assert (
        set(gates.ALL) == set(HeldReason) - ended_by_a_person == {reason for *_, reason in CLOSING.values()}
    )


@every_gate
def test_a_gate_closed_between_two_steps_holds_before_the_second(begun, recorder, close, reopen, reason):
    run = begun(*two_steps())
    recorder.then(lambda: close() or {})
    assert execute(run.pk) is RunStatus.HELD
    assert_held(run, reason, at="two")
    assert len(recorder.calls) == 1
    assert [step.path for step in run.steps.all()] == ["one"]
    reopen()
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 2


@every_gate
def test_a_gate_closed_once_the_run_was_loaded_holds_the_first(
    begun, recorder, monkeypatch, close, reopen, reason
):
    run = begun(*two_steps())
    with monkeypatch.context() as patched:
        closing(patched, "_intent", close)
        assert execute(run.pk) is RunStatus.HELD
    assert_held(run, reason, at="one")
    assert (recorder.calls, run.steps.count()) == ([], 0)
    reopen()
    assert execute(run.pk) is RunStatus.SUCCEEDED


@every_gate
def test_a_gate_closed_before_a_repeat_holds_it_with_its_key(
    begun, recorder, monkeypatch, close, reopen, reason
):
    run = begun(action("one", text="a"))
    recorder.then(TransientError("Busy."))
    execute(run.pk)
    Run.objects.update(due_at=timezone.now())
    with monkeypatch.context() as patched:
        closing(patched, "_check_repeat", close)
        assert execute(run.pk) is RunStatus.HELD
    assert_held(run, reason, at="one")
    step = run.steps.get()
    assert (step.status, step.attempts, len(recorder.calls)) == (StepStatus.WAITING, 1, 1)
    reopen()
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys[0] == recorder.keys[1]


@every_gate
def test_a_step_whose_inputs_can_not_be_made_is_held_before_it_fails(begun, recorder, close, reopen, reason):
    run = begun(action("one", text="a"), action("two", text="{{ trigger.metadata.missing }}"))
    recorder.then(lambda: close() or {})
    execute(run.pk)
    assert_held(run, reason, at="two")


def test_a_run_that_tells_of_the_account_goes_on_though_it_is_away(recorder):
    steps = (action("one", text="a"), action("two", text="b"))
    lifecycle.activate(lifecycle.create(document(*steps, event_type=deauthorized.DEAUTHORIZED)))
    application = {"id": "ca_ours", "object": "application"}
    event = accept(application, type=deauthorized.DEAUTHORIZED, **OURS._asdict())
    assert execute(Run.objects.get(event=event).pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by how many rows there are.")
def test_a_gate_is_asked_by_an_index(begun, recorder):
    with watched() as seen:
        execute(begun(*two_steps()).pk)
    assert [sql for sql in seen.scans() if "accountpause" in str(sql) or "deauthorization" in str(sql)] == []
