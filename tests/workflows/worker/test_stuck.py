"""A thread whose action never returns."""

import os
import threading
import time
from uuid import uuid4

import pytest

from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.liveness.longest_task import longest_task
from stripeflow.workflows.models import Run
from stripeflow.workflows.worker import dispatching, stuck
from stripeflow.workflows.worker import pool as threads
from stripeflow.workflows.worker.pool import Pool
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


@pytest.fixture
def going():
    going = threading.Event()
    yield going
    going.set()


@pytest.fixture
def pool(monkeypatch, going):
    pool = Pool()
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(threads, "_pool", pool)
    yield pool
    termination._is_asked = False
    going.set()
    assert pool.wait_until_busy_with_fewer(1, seconds=20)


@pytest.fixture
def killed(monkeypatch):
    """The signals that this process would have got."""
    sent = []
    monkeypatch.setattr(stuck.signal, "signal", lambda *_: None)
    monkeypatch.setattr(stuck.os, "kill", lambda pid, number: sent.append((pid, number.name)))
    monkeypatch.setattr(termination, "_is_asked", False)
    return sent


def age(pool, *, seconds):
    for job in pool.busy():
        job.began = time.monotonic() - seconds


def test_a_slow_call_is_not_stuck(pool, going, killed):
    pool.give("run", going.wait)
    age(pool, seconds=longest_task())
    dispatching.leave_if_stuck()
    assert killed == []
    assert not termination.is_asked()


def test_a_stuck_one_ends_the_process_and_is_named(pool, going, killed, start, caplog):
    run = start(action("one", text="a"), name="Refund small ones")
    pool.give(run.pk, going.wait)
    age(pool, seconds=2 * longest_task() + 1)
    dispatching.leave_if_stuck()
    (record,) = [record for record in caplog.records if "thread_stuck" in record.message]
    assert (record.run, record.workflow) == (str(run.pk), run.workflow.name)
    assert killed == [(os.getpid(), "SIGTERM")]


def test_the_others_end_first_and_are_asked_to(pool, going, killed, monkeypatch):
    monkeypatch.setattr(heartbeat, "SIGN_SECONDS", 0.01)
    pool.give(uuid4(), going.wait)
    age(pool, seconds=2 * longest_task() + 1)
    others = threading.Event()
    pool.give("other", others.wait)
    signs = []

    def sign():
        signs.append((termination.is_asked(), list(killed)))
        others.set()

    monkeypatch.setattr(heartbeat, "sign", sign)
    dispatching.leave_if_stuck()
    assert signs[0] == (True, [])
    assert len(killed) == 1


def test_the_run_of_its_message_is_left_to_the_others(pool, going, killed, start, queue):
    run = start(action("one", text="a"))
    queue.messages.clear()
    pool.give(uuid4(), going.wait)
    age(pool, seconds=2 * longest_task() + 1)
    dispatching.leave_if_stuck(run.pk)
    assert queue.of("stripeflow.workflows.tasks.execute") == [(str(run.pk),)]
    assert Run.objects.get(pk=run.pk).status == "queued"
