"""SIGTERM waits for the steps under way, whichever threads they are in.

django-q2's workers die of it at once, and a supervisor that stops a service (systemd, for one) sends it to
all of its processes. Then the outcomes of the steps under way would be lost.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_SECONDS = 0.1

_is_asked = False
# The work in progress in this process. The signal handler reads it without a lock: it may interrupt the very
# code that holds the lock, and would wait for ever. Adding to a set and removing from it are atomic.
_under_way: set[object] = set()
# A forked child does not have the threads that do this work.
os.register_at_fork(after_in_child=_under_way.clear)


def is_asked() -> bool:
    """Whether this process has to end, and must begin nothing more.

    SIGTERM asks for it, and so does the end of the main thread, after which Python waits for the others.
    """
    return _is_asked or not threading.main_thread().is_alive()


def ask() -> None:
    """Have this process begin nothing more, although no signal came."""
    global _is_asked
    _is_asked = True


def begin() -> object:
    """Count work as under way, which another thread may carry out; give what this returns to `end`.

    Only inside of `deferred`, or while other work is under way: it is what keeps the signal's handler.
    """
    work = object()
    _under_way.add(work)
    return work


def end(work: object) -> None:
    """The work is over, and with it the process, if it was asked to end and nothing else is under way."""
    _under_way.discard(work)
    if not _is_asked or _under_way:
        return
    if _is_main():
        _end_process()
    else:
        _have_main_end_process()


@contextmanager
def deferred() -> Iterator[None]:
    """Delay a SIGTERM that arrives inside the block until nothing is under way; then end the process.

    Only if it would end the process at once: a process with a handler of its own keeps it, and a thread
    that is not the main one leaves the handler alone.
    """
    if _is_main() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _note)
    work = begin()
    try:
        yield
    finally:
        end(work)
        if not _under_way and _is_main() and signal.getsignal(signal.SIGTERM) is _note:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _note(_number: int, _frame: FrameType | None) -> None:
    global _is_asked
    _is_asked = True
    if not _under_way:
        _end_process()


def _end_process() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _have_main_end_process() -> None:
    """Signal the main thread, which may wait in a system call; only it may change what the signal does.

    A signal that comes just before it begins to wait for a lock does not wake it. So it is sent until the
    process has ended, or has other work, whose end it waits for.
    """
    main = threading.main_thread().ident or 0
    signal.pthread_kill(main, signal.SIGTERM)
    while not _under_way and signal.getsignal(signal.SIGTERM) is _note:
        time.sleep(_AGAIN_SECONDS)
        signal.pthread_kill(main, signal.SIGTERM)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
