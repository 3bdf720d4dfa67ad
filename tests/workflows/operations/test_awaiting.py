from contextlib import ExitStack

import pytest
from django.db import connection

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.awaiting import (
    MOST_AT_ONCE,
    await_end,
    place_to_wait,
    preferred_seconds,
)
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment


@pytest.fixture
def run(recorder, queue, db):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    return Run.objects.get(event=accept(payment()))


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", 0),
        ("wait=5", 5),
        ("respond-async, wait=7", 7),
        ("wait=900", 20),
        ("wait=0", 0),
        ("wait=-1", 0),
        ("await=5", 0),
        ("wait=٣", 0),
    ],
)
def test_reads_how_long_somebody_wants_to_wait(prefer, seconds):
    assert preferred_seconds(prefer) == seconds


def test_returns_as_soon_as_the_run_has_ended(run):
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            execute(run.pk)

    assert await_end(run, seconds=20, sleep=sleep)
    assert (run.status, len(pauses)) == (RunStatus.SUCCEEDED, 3)
    assert pauses == sorted(pauses)


def test_only_so_many_wait_at_once():
    for _time in range(2):
        with ExitStack() as others:
            assert all(others.enter_context(place_to_wait()) for _place in range(MOST_AT_ONCE))
            with place_to_wait() as is_free:
                assert not is_free
            with place_to_wait() as is_free:
                assert not is_free


def breaks_off_while_it_waits():
    with place_to_wait() as is_free:
        assert is_free
        raise RuntimeError


def test_a_place_is_free_again_after_an_error():
    for _time in range(MOST_AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            breaks_off_while_it_waits()


def test_returns_what_there_is_when_the_time_is_over(run):
    assert not await_end(run, seconds=0, sleep=None)
    assert run.status == RunStatus.QUEUED


def test_does_not_wait_for_a_person(run):
    Run.objects.update(status=RunStatus.HELD, held_reason=HeldReason.PAUSED)
    assert not await_end(run, seconds=20, sleep=pytest.fail)


def test_does_not_wait_in_the_transaction_that_the_worker_waits_for(run, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    assert not await_end(run, seconds=20, sleep=pytest.fail)
