import gc
import os
import signal

import pytest

from stripeflow.workflows.worker.together import Part, Together


@pytest.fixture(autouse=True)
def garbage_collection():
    """As it is in other tests."""
    yield
    gc.unfreeze()


@pytest.fixture
def start():
    started = []

    def start(*parts):
        started.append(Together(parts))
        return started[-1]

    yield start
    for together in started:
        for process in together.running.values():
            process.kill()
            process.wait()


def wait_for_signals():
    while True:
        signal.pause()


WEB, WORKER = Part("web", wait_for_signals), Part("worker", wait_for_signals)


def pids(together):
    return {part.name: process.pid for part, process in together.running.items()}


def test_a_part_that_was_killed_is_started_again_and_the_other_one_goes_on(start):
    together = start(WEB, WORKER)
    before = pids(together)
    os.kill(before["web"], signal.SIGKILL)
    os.waitid(os.P_PID, before["web"], os.WEXITED | os.WNOWAIT)
    together.keep_alive()
    after = pids(together)
    assert after["web"] != before["web"]
    assert after["worker"] == before["worker"]
    assert together.running[WEB].poll() is None


def test_a_part_that_ends_by_itself_is_started_again(start):
    ending = Part("web", lambda: None)
    together = start(ending)
    before = together.running[ending]
    assert before.wait() == 0
    together.keep_alive()
    assert together.running[ending] is not before


def test_parts_that_live_are_left_alone(start):
    together = start(WEB, WORKER)
    before = pids(together)
    together.keep_alive()
    assert pids(together) == before


def test_what_a_dead_part_leaves_behind_is_asked_to_end(start):
    """It may hold the port that the new one needs."""
    held, holds = os.pipe()
    leaves_one = [True]

    def work():
        if leaves_one and not os.fork():
            os.write(holds, b"!")
        wait_for_signals()

    together = start(Part("web", work))
    os.close(holds)
    assert os.read(held, 1) == b"!"
    (pid,) = pids(together).values()
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    leaves_one.clear()
    together.keep_alive()
    assert os.read(held, 1) == b""  # nobody holds the other end any more


def test_all_are_asked_to_end_before_any_of_them_is_waited_for(start):
    """Or the last one would have less time of what a supervisor grants to all."""
    ours, theirs = os.pipe()

    def end_after_the_other():
        signal.signal(signal.SIGTERM, lambda *_: os.read(ours, 1) and os._exit(0))
        wait_for_signals()

    def let_the_other_end():
        signal.signal(signal.SIGTERM, lambda *_: os.write(theirs, b"!") and os._exit(0))
        os.write(ready[1], b"!")
        wait_for_signals()

    ready = os.pipe()
    together = start(Part("web", end_after_the_other), Part("worker", let_the_other_end))
    os.read(ready[0], 1)
    together.stop()
    assert [process.poll() for process in together.running.values()] == [0, 0]
