from datetime import UTC, datetime, timedelta

import pytest

from workflows.watchdog import Verdict, Watchdog

START = datetime(2026, 1, 1, tzinfo=UTC)
ALL, ONE_LESS = frozenset({1, 2, 3}), frozenset({1, 2})


def at(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def dog():
    dog = Watchdog(started_at=START)
    assert dog.look(pids=ALL, last_sign=None, now=at(1)) is Verdict.FINE
    return dog


def test_new_processes_are_no_reason_for_suspicion(dog):
    assert dog.look(pids=ALL | {4}, last_sign=None, now=at(2)) is Verdict.FINE


def test_a_death_makes_the_cluster_suspect(dog):
    assert dog.look(pids=ONE_LESS, last_sign=at(1), now=at(2)) is Verdict.SUSPECT


def test_a_message_taken_after_the_death_ends_the_suspicion(dog):
    dog.look(pids=ONE_LESS, last_sign=at(1), now=at(2))
    assert dog.look(pids=ALL, last_sign=at(4), now=at(5)) is Verdict.FINE
    assert dog.look(pids=ALL, last_sign=at(4), now=at(44)) is Verdict.FINE


def test_a_message_taken_before_the_death_does_not(dog):
    dog.look(pids=ONE_LESS, last_sign=at(1), now=at(2))
    assert dog.look(pids=ALL, last_sign=at(1.9), now=at(5)) is Verdict.SUSPECT


def test_a_suspect_that_shows_no_sign_is_hung(dog):
    dog.look(pids=ONE_LESS, last_sign=at(1), now=at(2))
    assert dog.look(pids=ALL, last_sign=at(1), now=at(21.9)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=at(1), now=at(22)) is Verdict.HUNG


def test_a_second_death_does_not_prolong_the_patience(dog):
    dog.look(pids=ONE_LESS, last_sign=at(1), now=at(2))
    dog.look(pids=frozenset({1}), last_sign=at(1), now=at(15))
    assert dog.look(pids=ALL, last_sign=at(1), now=at(22)) is Verdict.HUNG


def test_a_long_silence_is_suspicious_by_itself(dog):
    assert dog.look(pids=ALL, last_sign=at(10), now=at(50)) is Verdict.FINE
    assert dog.look(pids=ALL, last_sign=at(10), now=at(51)) is Verdict.SUSPECT
    assert dog.look(pids=ALL, last_sign=at(10), now=at(71)) is Verdict.HUNG


def test_a_cluster_that_never_got_processes_is_suspect_once_it_had_time_to_start():
    dog = Watchdog(started_at=START)
    assert dog.look(pids=frozenset(), last_sign=None, now=at(19)) is Verdict.FINE
    assert dog.look(pids=frozenset(), last_sign=None, now=at(20)) is Verdict.SUSPECT
    assert dog.look(pids=frozenset(), last_sign=None, now=at(40)) is Verdict.HUNG


def test_workers_that_go_on_without_their_sentinel_are_left_alone():
    dog = Watchdog(started_at=START)
    assert dog.look(pids=frozenset(), last_sign=at(19), now=at(20)) is Verdict.SUSPECT
    assert dog.look(pids=frozenset(), last_sign=at(39), now=at(40)) is not Verdict.HUNG
