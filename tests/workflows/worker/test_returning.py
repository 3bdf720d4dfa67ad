import ctypes
import threading

from stripeflow.workflows.worker import returning
from stripeflow.workflows.worker.returning import Returner


def test_memory_is_returned_after_a_use():
    returned = threading.Event()
    returner = Returner(pause=lambda: None, give=returned.set)
    returner.start()
    returner.note_use()
    assert returned.wait(timeout=30)


def test_it_waits_while_something_happens_in_each_pause():
    pauses = []

    def pause():
        pauses.append(len(pauses))
        if len(pauses) < 3:
            returner.note_use()

    returner = Returner(pause=pause)
    returner.note_use()
    returner.wait_for_a_lull()
    assert len(pauses) == 3


def test_nothing_is_returned_twice_for_one_use():
    given = []
    second = threading.Event()

    def give():
        given.append(True)
        second.set()

    returner = Returner(pause=lambda: None, give=give)
    returner.start()
    returner.note_use()
    assert second.wait(timeout=30)
    second.clear()
    assert not second.wait(timeout=0.2)
    assert len(given) == 1


def test_a_library_that_cannot_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    returning.return_free()


def test_what_is_free_between_what_is_in_use_is_returned():
    """Half of many blocks of 64 kB: none of them lies behind all others."""
    blocks = [bytearray(64 * 1024) for _ in range(400)]
    del blocks[::2]
    before = _resident()
    returning.return_free()
    assert _resident() < before - 5_000


def _resident():
    """In kilobytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
