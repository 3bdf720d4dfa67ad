"""The threads of a worker process, with events in place of times."""

import decimal
import subprocess
import sys
import threading

import pytest
from django.utils import translation

from stripeflow.triggers import redaction
from stripeflow.workflows.liveness import termination
from stripeflow.workflows.worker import pool as module
from stripeflow.workflows.worker.pool import Pool

SOON = 20.0


@pytest.fixture
def pool(monkeypatch):
    """A pool whose threads end as soon as they have nothing to do."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.01)
    return Pool()


def ended(pool):
    return pool.wait_until_busy_with_fewer(1, seconds=SOON)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "stripeflow-run"]


def test_what_is_given_goes_on_at_once_and_side_by_side(pool):
    together = threading.Barrier(17, timeout=SOON)
    for number in range(16):
        pool.give(number, together.wait)
    assert len(pool.busy()) == 16
    together.wait()
    assert ended(pool)
    assert pool.busy() == []


def test_it_says_what_each_thread_is_about(pool):
    going = threading.Event()
    pool.give("one", going.wait)
    assert [job.what for job in pool.busy()] == ["one"]
    going.set()
    assert ended(pool)


def test_a_place_is_waited_for_and_not_longer_than_asked(pool):
    going = threading.Event()
    pool.give("one", going.wait)
    pool.give("two", going.wait)
    assert not pool.wait_until_busy_with_fewer(2, seconds=0.01)
    going.set()
    assert pool.wait_until_busy_with_fewer(2, seconds=SOON)
    assert ended(pool)


def test_a_free_thread_takes_the_next_work(pool, monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 1.0)
    started = []
    monkeypatch.setattr(pool, "_start", started.append)
    going = threading.Event()
    pool.give("one", going.wait)
    worker = threading.Thread(target=pool._carry_out, name="stripeflow-run")
    worker.start()
    going.set()
    assert ended(pool)
    while not pool._idle:
        assert worker.is_alive()
    pool.give("two", lambda: None)
    assert ended(pool)
    assert [job.what for job in started] == ["one"]
    worker.join(SOON)


def test_threads_without_work_end(pool):
    pool.give("one", lambda: None)
    assert ended(pool)
    for thread in threads():
        thread.join(SOON)
    assert threads() == []


@pytest.mark.parametrize("error", [ValueError("wrong"), SystemExit(3), KeyboardInterrupt()])
def test_work_that_fails_frees_its_place_and_is_logged(pool, caplog, error):
    def fail():
        raise error

    pool.give("one", fail)
    assert ended(pool)
    assert [record.what for record in caplog.records if "thread_failed" in record.message] == ["one"]
    pool.give("two", lambda: None)
    assert ended(pool)


def test_what_cannot_begin_keeps_no_place(pool, monkeypatch):
    def refuse(_self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError):
        pool.give("one", lambda: None)
    assert pool.busy() == []
    assert not termination._under_way


def test_no_work_sees_what_another_one_has_set(pool):
    """One thread after the other, and the thread that gives the work: language, secrets, decimals."""
    seen = []

    def look():
        seen.append(
            (translation.get_language(), redaction.redacted("a secret of one"), decimal.getcontext().prec)
        )

    def change_and_look():
        translation.activate("ja")
        decimal.getcontext().prec = 3
        redaction._of_here.set(frozenset({"a secret of one"}))
        look()

    usual = (translation.get_language(), "a secret of one", decimal.getcontext().prec)
    for work in (change_and_look, look):
        pool.give("work", work)
        assert ended(pool)
    look()
    assert seen == [("ja", "…", 3), usual, usual]


ALONE = """
import threading
from stripeflow.workflows.liveness import termination
from stripeflow.workflows.worker.pool import Pool

pool = Pool()
"""


def outcome_of(body):
    """What a process that does this prints, and how it ends."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE + body], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.split(), done.returncode


def test_the_end_of_the_main_thread_ends_all_as_soon_as_they_are_done():
    body = """
def work():
    threading.main_thread().join()
    print("asked" if termination.is_asked() else "unasked", flush=True)

pool.give("quick", lambda: None)
pool.give("slow", work)
"""
    assert outcome_of(body) == (["asked"], 0)


def test_a_forked_child_begins_with_no_threads():
    body = """
import os
from stripeflow.workflows.worker import pool as module

going = threading.Event()
module.of_process().give("one", going.wait)
child = os.fork()
if not child:
    print(len(module.of_process().busy()), flush=True)
    module.of_process().give("of the child", lambda: print("worked", flush=True))
    module.of_process().wait_until_busy_with_fewer(1, seconds=20)
    os._exit(0)
os.waitpid(child, 0)
going.set()
"""
    assert outcome_of(body) == (["0", "worked"], 0)
