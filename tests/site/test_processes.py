import os
import sys

import pytest

from stripeflow_site.local.processes import Process, ProcessEnded, TookTooLong, descendants, wait_until

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def start(code):
        process = Process(
            "sample",
            [sys.executable, "-c", code],
            environment=os.environ,
            folder=tmp_path,
            log=tmp_path / "log",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


def printed(process):
    return wait_until(lambda: process.log.read_text().strip(), what="Its first line")


def exists(pid):
    """Whether a process of that id lives; one that waits to be buried does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_kill_reaches_children_in_other_sessions(start):
    process = start(PARENT)
    child = int(printed(process))
    assert descendants(process.pid) == [child]
    process.kill()
    wait_until(lambda: not exists(child), what="The end of the child")


def test_stop_ends_the_deaf_by_force(start):
    process = start(STUBBORN)
    printed(process)
    process.stop(seconds=0.2)
    assert not exists(process.pid)


def test_stop_of_an_ended_process_passes(start):
    process = start("print('done')")
    printed(process)
    process.stop()
    process.stop()


def test_ended_process_is_reported_with_its_last_words(start):
    process = start("import sys; sys.exit('no such luck')")
    with pytest.raises(ProcessEnded, match="no such luck"):
        wait_until(lambda: False, what="A miracle", alive=[process])


def test_wait_returns_the_answer():
    assert wait_until(lambda: "yes", what="An answer") == "yes"


def test_wait_says_what_did_not_happen():
    with pytest.raises(TookTooLong, match="A miracle did not happen within 0.1 seconds"):
        wait_until(lambda: None, what="A miracle", seconds=0.1)
