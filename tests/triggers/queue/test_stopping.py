"""A process that waits is woken by the signal that asks it to end."""

import os
import signal
import threading

from stripeflow.triggers.queue.stopping import Stop


def test_the_sentinel_is_woken_by_the_signal_itself():
    stop = Stop()
    before = signal.signal(signal.SIGTERM, stop.set_by_signal)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    try:
        timer.start()
        assert stop.wait(30)
    finally:
        timer.join()
        signal.signal(signal.SIGTERM, before)
    assert stop.is_set()


def test_a_signal_that_comes_again_and_again_is_no_error():
    stop = Stop()
    for _ in range(100_000):  # more than a pipe holds
        stop.set_by_signal(signal.SIGTERM, None)
    assert stop.wait(30)
