"""SIGTERM and the step under way, each case in a process of its own."""

import signal
import subprocess
import sys

import pytest

BEGINNING = """
import os, signal, threading
from stripeflow.workflows.liveness import termination

def ask():
    os.kill(os.getpid(), signal.SIGTERM)
"""


def outcome_of(body):
    """What a process that does this prints, and how it ends."""
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + body], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.split(), done.returncode


def test_it_waits_for_the_end_of_the_block():
    body = """
with termination.deferred():
    ask()
    print("asked" if termination.is_asked() else "unasked", flush=True)
print("not reached", flush=True)
"""
    assert outcome_of(body) == (["asked"], -signal.SIGTERM)


def test_it_waits_for_the_end_of_a_block_that_fails():
    body = """
try:
    with termination.deferred():
        ask()
        raise ValueError
except ValueError:
    print("not reached", flush=True)
"""
    assert outcome_of(body) == ([], -signal.SIGTERM)


def test_outside_of_a_block_it_ends_the_process_at_once():
    body = """
with termination.deferred():
    print("inside", flush=True)
ask()
print("not reached", flush=True)
"""
    assert outcome_of(body) == (["inside"], -signal.SIGTERM)


@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *_: print('theirs', flush=True)"])
def test_a_handler_of_the_process_stays(handler):
    body = f"""
signal.signal(signal.SIGTERM, {handler})
with termination.deferred():
    ask()
print("asked" if termination.is_asked() else "unasked", flush=True)
"""
    printed, code = outcome_of(body)
    assert (printed[-1], code) == ("unasked", 0)


def test_a_thread_that_is_not_the_main_one_defers_nothing():
    body = """
def work():
    with termination.deferred():
        print("worked", flush=True)

thread = threading.Thread(target=work)
thread.start()
thread.join()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
"""
    assert outcome_of(body) == (["worked"], 0)


THREADS = """
def in_a_thread(work):
    threading.Thread(target=work).start()

going = threading.Event()
ended = threading.Event()
"""


def test_work_that_outlives_the_block_delays_it_too():
    body = """
def carry_out():
    going.wait()
    print("asked" if termination.is_asked() else "unasked", flush=True)
    termination.end(work)

with termination.deferred():
    work = termination.begin()
    in_a_thread(carry_out)
ask()
print("goes on", flush=True)
going.set()
ended.wait()
"""
    assert outcome_of(THREADS + body) == (["goes", "on", "asked"], -signal.SIGTERM)


def test_the_last_of_many_ends_the_process_whose_main_thread_waits_for_a_lock():
    body = """
turns = [threading.Event() for _number in range(3)]

def carry_out(number, work):
    turns[number].wait()
    print(number, flush=True)
    termination.end(work)
    if number < 2:
        turns[number + 1].set()

with termination.deferred():
    for number in range(3):
        work = termination.begin()
        in_a_thread(lambda number=number, work=work: carry_out(number, work))
ask()
turns[0].set()
ended.wait()
"""
    assert outcome_of(THREADS + body) == (["0", "1", "2"], -signal.SIGTERM)


def test_a_signal_that_does_not_wake_the_main_thread_is_sent_again():
    """As one that comes just before it begins to wait for a lock."""
    body = """
send, sent = signal.pthread_kill, []

def is_lost(*signal_to_thread):
    sent.append(signal_to_thread)
    if len(sent) > 2:
        send(*signal_to_thread)

def carry_out():
    going.wait()
    print("ends", flush=True)
    termination.end(work)

signal.pthread_kill = is_lost
with termination.deferred():
    work = termination.begin()
    in_a_thread(carry_out)
ask()
going.set()
ended.wait()
"""
    assert outcome_of(THREADS + body) == (["ends"], -signal.SIGTERM)


def test_work_that_ends_within_the_block_leaves_its_end_to_the_block():
    body = """
with termination.deferred():
    work = termination.begin()
    ask()
    thread = threading.Thread(target=termination.end, args=[work])
    thread.start()
    thread.join()
    print("reached", flush=True)
print("not reached", flush=True)
"""
    assert outcome_of(body) == (["reached"], -signal.SIGTERM)


def test_once_nothing_is_under_way_it_ends_the_process_at_once():
    body = """
with termination.deferred():
    work = termination.begin()
in_a_thread(lambda: (termination.end(work), ended.set()))
ended.wait()
ask()
print("not reached", flush=True)
"""
    assert outcome_of(THREADS + body) == ([], -signal.SIGTERM)


def test_the_end_of_the_main_thread_asks_those_that_are_left():
    body = """
def carry_out():
    threading.main_thread().join()
    print("asked" if termination.is_asked() else "unasked", flush=True)

in_a_thread(carry_out)
print("asked" if termination.is_asked() else "unasked", flush=True)
"""
    assert outcome_of(THREADS + body) == (["unasked", "asked"], 0)


def test_a_forked_child_has_nothing_under_way():
    body = """
with termination.deferred():
    work = termination.begin()
child = os.fork()
if not child:
    ask()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
termination.end(work)
"""
    assert outcome_of(body) == ([str(-signal.SIGTERM)], 0)
