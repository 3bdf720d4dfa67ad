"""What is left of a cluster that is asked to end."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from stripeflow.workflows.worker.cluster import ProcessGroup


@pytest.fixture
def leader():
    """A process that leads a group, and does not end by itself."""
    command = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, lambda *_: None); time.sleep(60)",
    ]
    process = subprocess.Popen(command, start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_leader_that_ends_while_it_is_looked_at_is_no_zombie_afterwards(leader, monkeypatch):
    group = ProcessGroup(leader, deadline=time.monotonic() + 60, leader_works=True)
    look = psutil.process_iter

    def end_and_look():
        os.kill(leader.pid, signal.SIGKILL)
        os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)
        return look()

    monkeypatch.setattr(psutil, "process_iter", end_and_look)
    assert group.has_left()
    assert not psutil.pid_exists(leader.pid)
