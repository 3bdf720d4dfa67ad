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
