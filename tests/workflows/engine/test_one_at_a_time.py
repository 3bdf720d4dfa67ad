"""An action that is not thread-safe: one call of it at a time in a process."""

import threading

import pytest

from stripeflow.actions import registry
from stripeflow.workflows.engine import one_at_a_time
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.one_at_a_time import turn_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action
from tests.workflows.recording import recording_action

SOON = 20.0
STEP = None


@pytest.fixture
def alone(recorder):
    """A kind of action that is not thread-safe."""
    kind = recording_action(recorder, key="test.alone")
    kind.thread_safe = False
    with registry.temporarily(kind):
        yield registry.get("test.alone")


def test_two_calls_of_it_never_meet(alone):
    inside, most = [], []

    def call():
        with turn_of(alone, STEP):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=call) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert most == [1] * 16


def test_thread_safe_ones_do(recorder):
    together = threading.Barrier(2, timeout=SOON)
    kind = registry.get("test.record")

    def call():
        with turn_of(kind, STEP):
            together.wait()

    other = threading.Thread(target=call)
    other.start()
    call()
    other.join(SOON)


@pytest.mark.django_db
def test_a_run_whose_turn_does_not_come_is_put_off_before_anything_is_written(
    alone, start, recorder, monkeypatch
):
    monkeypatch.setattr(one_at_a_time, "WAIT_SECONDS", 0.01)
    run = start(action("one", "test.alone", text="a"))
    with turn_of(alone, STEP):
        assert execute(run.pk) is RunStatus.WAITING
    run.refresh_from_db()
    assert (recorder.calls, run.steps.count()) == ([], 0)
    assert run.due_at is not None
    Run.objects.filter(pk=run.pk).update(due_at=run.created_at)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


@pytest.mark.django_db
def test_a_call_that_fails_gives_the_turn_on(alone, start, recorder):
    recorder.then(ValueError("wrong"))
    for _number in range(2):
        execute(start(action("one", "test.alone", text="a")).pk)
    assert len(recorder.calls) == 2
