"""One wake-up gives the runs that wait to threads; what a thread does with one stands in for the engine."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import transaction

from stripeflow.triggers.queue.django_q import DjangoQBackend
from stripeflow.triggers.queue.memory import MemoryBackend
from stripeflow.workflows.engine.transitions import Claim
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.models import Beat
from stripeflow.workflows.worker import dispatching, draining
from stripeflow.workflows.worker import pool as threads
from stripeflow.workflows.worker.dispatching import Dispatcher
from stripeflow.workflows.worker.draining import Waiting

SOON = 20.0


class House:
    """Runs that wait, threads that carry them out, and who was notified of what."""

    def __init__(self):
        self.pool = threads.Pool()
        self.queued, self.due = [], []
        self.claimed, self.notified = [], []
        self.going = threading.Event()
        self.signed = 0

    def waiting(self, tried, most):
        late = [Waiting(run_id, is_once=True) for run_id in self.due if run_id not in tried]
        return late + [Waiting(run_id, is_once=False) for run_id in self.queued[:most]]

    def claim(self, run_id):
        if run_id in self.queued:
            self.queued.remove(run_id)
        elif run_id not in self.due:
            return None
        self.claimed.append(run_id)
        return Claim(run_id, uuid4())

    def claim_all(self, run_ids):
        return [claim for run_id in run_ids if (claim := self.claim(run_id)) is not None]

    def carry_out(self, claim):
        self.going.wait(SOON)

    def dispatch(self, run_id, *, places, seconds=SOON):
        Dispatcher(self.pool, places, ends=time.monotonic() + seconds).work(run_id)

    def end(self):
        self.going.set()
        assert self.pool.wait_until_busy_with_fewer(1, seconds=SOON)


@pytest.fixture
def house(monkeypatch):
    house = House()
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(draining, "_is_behind", False)
    monkeypatch.setattr(draining, "waiting", house.waiting)
    monkeypatch.setattr(draining, "notify", house.notified.append)
    monkeypatch.setattr(dispatching.execution, "claim_all", house.claim_all)
    monkeypatch.setattr(dispatching, "carry_out", house.carry_out)
    monkeypatch.setattr(heartbeat, "sign", lambda: setattr(house, "signed", house.signed + 1))
    yield house
    house.end()


def ids(many):
    return [uuid4() for _number in range(many)]


def test_it_returns_as_soon_as_nothing_waits_and_the_calls_go_on(house):
    runs = ids(3)
    house.queued = list(runs)
    house.dispatch(runs[1], places=16)
    assert set(house.claimed) == set(runs)
    assert len(house.pool.busy()) == 3
    assert house.notified == []


def test_the_run_of_the_message_comes_first(house):
    house.queued = ids(3)
    named = house.queued[2]
    house.dispatch(named, places=16)
    assert house.claimed[0] == named


def test_others_are_looked_for_once_the_run_of_the_message_has_ended(house, monkeypatch):
    monkeypatch.setattr(dispatching, "AHEAD_SECONDS", SOON)
    house.queued = ids(1)
    done, look, seen = [], house.waiting, []
    monkeypatch.setattr(dispatching, "carry_out", lambda claim: done.append(claim.run_id))
    monkeypatch.setattr(draining, "waiting", lambda *how: seen.append(list(done)) or look(*how))
    named = house.queued[0]
    house.dispatch(named, places=16)
    assert seen == [[named]]


def test_a_message_of_a_run_that_is_taken_already_delays_nothing(house, monkeypatch):
    monkeypatch.setattr(dispatching, "AHEAD_SECONDS", SOON)
    house.queued = ids(2)
    began = time.monotonic()
    house.dispatch(uuid4(), places=16)
    assert len(house.claimed) == 2
    assert time.monotonic() - began < SOON


def test_a_worker_that_is_behind_takes_what_has_its_turn(house):
    house.queued, draining._is_behind = ids(2), True
    first, named = house.queued
    house.dispatch(named, places=16)
    assert house.claimed == [first, named]
    assert not draining.is_behind()


def test_no_more_than_its_places_are_claimed(house):
    house.queued = ids(5)
    house.dispatch(house.queued[0], places=3, seconds=0.05)
    assert len(house.claimed) == len(house.pool.busy()) == 3


def test_what_is_left_when_its_time_is_over_is_notified_of_once(house):
    house.queued = ids(5)
    house.dispatch(house.queued[0], places=3, seconds=0.05)
    assert len(house.notified) == 1
    assert house.notified[0] in house.queued
    assert draining.is_behind()


def test_it_waits_for_a_place_and_signs_meanwhile(house, monkeypatch):
    """One slow call keeps one place, and all others go through the rest."""
    monkeypatch.setattr(heartbeat, "SIGN_SECONDS", 0.01)
    slow, *quick = house.queued = ids(9)
    carried_out = threading.Semaphore(0)

    def carry_out(claim):
        if claim.run_id == slow:
            house.going.wait(SOON)
        carried_out.release()

    monkeypatch.setattr(dispatching, "carry_out", carry_out)
    house.dispatch(slow, places=2)
    for _run in quick:
        assert carried_out.acquire(timeout=SOON)
    assert [job.what for job in house.pool.busy()] == [slow]
    assert house.signed >= 9


def test_a_run_that_is_due_again_at_once_is_left_to_the_sweep(house):
    house.due = ids(1)
    house.going.set()
    house.dispatch(uuid4(), places=2)
    assert house.claimed == house.due


def test_a_message_of_a_run_that_is_taken_already_does_no_harm(house):
    house.dispatch(uuid4(), places=2)
    assert (house.claimed, house.notified) == ([], [])


def test_a_worker_that_is_to_end_claims_nothing_more(house, monkeypatch):
    monkeypatch.setattr(termination, "_is_asked", True)
    house.queued = ids(2)
    house.dispatch(house.queued[0], places=2)
    assert house.claimed == []
    assert len(house.notified) == 1
    monkeypatch.setattr(termination, "_is_asked", False)


@pytest.mark.django_db
def test_a_thread_signs_for_nobody():
    with heartbeat.unsigned():
        heartbeat.sign()
    assert not Beat.objects.exists()


@pytest.fixture
def many(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CONCURRENCY": 16}


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_waits_for_threads_gets_as_many_as_are_set(many):
    assert DjangoQBackend().waits_for_threads
    assert dispatching.concurrency() == 16


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_waits_for_no_thread_gets_none(many, queue):
    assert not MemoryBackend().waits_for_threads
    assert dispatching.concurrency() == 1


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_there_are_no_threads(many):
    with transaction.atomic():
        assert dispatching.concurrency() == 1


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_takes_messages_gives_them_to_no_others(many):
    found = []
    thread = threading.Thread(target=lambda: found.append(dispatching.concurrency()))
    thread.start()
    thread.join()
    assert found == [1]
