"""SIGTERM waits for the step under way.

django-q2's workers die of it at once, and a supervisor that stops a service (systemd, for one) sends it to
all of its processes. Then the outcome of a step under way would be lost.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_is_asked = False


def is_asked() -> bool:
    """Whether this process has to end, and must begin nothing more."""
    return _is_asked


@contextmanager
def deferred() -> Iterator[None]:
    """Delay a SIGTERM that arrives inside the block until its end; then end the process.

    Only if it would end the process at once: a process with a handler of its own keeps it.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if _is_asked:
            os.kill(os.getpid(), signal.SIGTERM)


def _note(_number: int, _frame: FrameType | None) -> None:
    global _is_asked
    _is_asked = True
