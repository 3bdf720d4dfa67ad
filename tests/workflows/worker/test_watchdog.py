from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.queue.base import SignsOfLife
from stripeflow.workflows.worker.watchdog import Sign, Verdict, Watchdog

START = datetime(2026, 1, 1, tzinfo=UTC)
ALL, ONE_LESS, ANEW = frozenset({1, 2, 3}), frozenset({1, 2}), frozenset({1, 4, 5})
WORKER, DEAD = 2, 99
SIGNS = SignsOfLife(below_main=True, death_stops_others=True)


def at(seconds):
    return START + timedelta(seconds=seconds)


def signed(seconds, pid=WORKER):
    return Sign(at=at(seconds), pid=pid)


@pytest.fixture
def dog():
    """Of a cluster that is up, and took its first message at second 1."""
    dog = Watchdog(started_at=START, signs=SIGNS)
    assert dog.look(pids=ALL, last_sign=signed(1), now=at(1.5)) is Verdict.FINE
    return dog


@pytest.fixture
def suspicious(dog):
    """The same, which saw a death at second 2."""
    assert dog.look(pids=ONE_LESS, last_sign=signed(1), now=at(2)) is Verdict.SUSPECT
    return dog


def test_a_cluster_is_suspect_until_it_takes_its_first_message():
    dog = Watchdog(started_at=START, signs=SIGNS)
    assert dog.look(pids=frozenset(), last_sign=None, now=at(1)) is Verdict.FINE
    assert dog.look(pids=ALL, last_sign=None, now=at(2)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=signed(2.5), now=at(3)) is Verdict.FINE


def test_a_message_that_one_of_them_took_before_it_was_first_seen_clears_the_cluster():
    dog = Watchdog(started_at=START, signs=SIGNS)
    dog.look(pids=frozenset(), last_sign=None, now=at(1))
    assert dog.look(pids=ALL, last_sign=signed(1.5), now=at(2)) is Verdict.FINE


def test_what_a_dead_process_took_clears_nothing():
    """All were born, took a message, died and were replaced between two looks."""
    dog = Watchdog(started_at=START, signs=SIGNS)
    dog.look(pids=frozenset(), last_sign=None, now=at(1))
    assert dog.look(pids=ALL, last_sign=signed(1.5, pid=DEAD), now=at(2)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=signed(1.5, pid=DEAD), now=at(20.9)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=signed(1.5, pid=DEAD), now=at(21)) is Verdict.HUNG


def test_new_processes_are_suspect_until_a_message_was_taken(dog):
    assert dog.look(pids=ALL | {4}, last_sign=signed(1), now=at(2)) is Verdict.SUSPECT
    assert dog.look(pids=ALL | {4}, last_sign=signed(2.5), now=at(3)) is Verdict.FINE


def test_new_processes_that_come_with_a_message_are_none(dog):
    assert dog.look(pids=ALL | {4}, last_sign=signed(1.9, pid=4), now=at(2)) is Verdict.FINE


def test_a_message_taken_after_the_death_ends_the_suspicion(suspicious):
    assert suspicious.look(pids=ONE_LESS, last_sign=signed(4), now=at(5)) is Verdict.FINE
    assert suspicious.look(pids=ONE_LESS, last_sign=signed(4), now=at(34)) is Verdict.FINE


def test_a_message_taken_before_the_death_does_not(suspicious):
    assert suspicious.look(pids=ALL, last_sign=signed(1.9), now=at(5)) is Verdict.SUSPECT


def test_a_suspect_that_shows_no_sign_is_hung(suspicious):
    assert suspicious.look(pids=ALL, last_sign=signed(1), now=at(21.9)) is Verdict.SUSPECT
    assert suspicious.look(pids=ALL, last_sign=signed(1), now=at(22)) is Verdict.HUNG


def test_a_second_death_does_not_prolong_the_patience(suspicious):
    suspicious.look(pids=frozenset({1}), last_sign=signed(1), now=at(15))
    assert suspicious.look(pids=ALL, last_sign=signed(1), now=at(22)) is Verdict.HUNG


def test_processes_in_place_of_the_dead_do_not_prolong_it(suspicious):
    suspicious.look(pids=ANEW, last_sign=signed(1), now=at(3))
    assert suspicious.look(pids=ANEW, last_sign=signed(1), now=at(22)) is Verdict.HUNG


def test_a_long_silence_is_suspicious_by_itself(dog):
    assert dog.look(pids=ALL, last_sign=signed(10), now=at(40)) is Verdict.FINE
    assert dog.look(pids=ALL, last_sign=signed(10), now=at(41)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=signed(10), now=at(61)) is Verdict.HUNG


def test_a_cluster_that_never_got_processes_is_suspect_once_it_had_time_to_start():
    dog = Watchdog(started_at=START, signs=SIGNS)
    assert dog.look(pids=frozenset(), last_sign=None, now=at(19)) is Verdict.FINE
    assert dog.look(pids=frozenset(), last_sign=None, now=at(20)) is Verdict.SUSPECT
    assert dog.look(pids=frozenset(), last_sign=None, now=at(40)) is Verdict.HUNG


def test_workers_without_a_sentinel_are_replaced_though_they_take_messages(dog):
    """Nobody starts another when one of them dies; they are given the time to finish what they do."""
    assert dog.look(pids=frozenset(), last_sign=signed(2), now=at(2)) is Verdict.SUSPECT
    assert dog.look(pids=frozenset(), last_sign=signed(21), now=at(21.9)) is Verdict.SUSPECT
    assert dog.look(pids=frozenset(), last_sign=signed(21), now=at(22)) is Verdict.HUNG


def test_a_clock_that_was_set_back_prolongs_no_suspicion(suspicious):
    suspicious.look(pids=ONE_LESS, last_sign=signed(1), now=at(-3600))
    assert suspicious.look(pids=ONE_LESS, last_sign=signed(1), now=at(-3581)) is Verdict.SUSPECT
    assert suspicious.look(pids=ONE_LESS, last_sign=signed(1), now=at(-3580)) is Verdict.HUNG


def test_after_a_clock_was_set_back_a_message_clears_the_cluster(suspicious):
    suspicious.look(pids=ONE_LESS, last_sign=signed(1), now=at(-3600))
    assert suspicious.look(pids=ONE_LESS, last_sign=signed(-3599), now=at(-3598)) is Verdict.FINE
