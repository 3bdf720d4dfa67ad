from contextlib import contextmanager

import pytest

from stripeflow.actions.errors import PermanentError
from stripeflow.workflows import signals
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from tests.workflows.approvals import approval, approver
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

NAMES = [name for name in vars(signals) if name.startswith("run_")]


@contextmanager
def listening():
    """The names of the signals that come, each with the run's status."""
    heard, receivers = [], []
    for name in NAMES:

        def receive(sender, run, name=name, **more):
            heard.append((name, run.status))

        getattr(signals, name).connect(receive, sender=Run)
        receivers.append((getattr(signals, name), receive))
    try:
        yield heard
    finally:
        for signal, receive in receivers:
            signal.disconnect(receive, sender=Run)


def test_a_run_tells_what_becomes_of_it(finish, recorder, queue):
    with listening() as heard:
        finish(action("one", text="a"))
    assert heard == [("run_started", "running"), ("run_succeeded", "succeeded")]
    recorder.then(PermanentError("No."))
    with listening() as heard:
        finish(action("one", text="a"), name="Second")
    assert heard == [("run_started", "running"), ("run_failed", "failed")]


def test_an_approval_is_told_and_a_cancellation_by_a_worker(
    finish, queue, django_capture_on_commit_callbacks
):
    approver()
    with listening() as heard, django_capture_on_commit_callbacks(execute=True):
        run = finish(approval(), action("one", text="a"))
    # The approval is told with the commit, which this test makes last.
    assert {name for name, _status in heard} == {"run_started", "run_approval_asked", "run_waiting"}
    with listening() as heard:
        with django_capture_on_commit_callbacks(execute=True):
            on_runs.cancel(run, NOBODY)
        assert heard == []
        queue.run()
        assert heard == [("run_canceled", "canceled")]


def test_a_receiver_that_raises_changes_nothing(finish, caplog):
    def broken(sender, run, **more):
        raise RuntimeError

    signals.run_succeeded.connect(broken)
    try:
        run = finish(action("one", text="a"))
    finally:
        signals.run_succeeded.disconnect(broken)
    assert run.status == "succeeded"
    assert "workflows.alert.receiver_failed" in caplog.messages
