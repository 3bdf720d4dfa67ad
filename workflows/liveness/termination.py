"""SIGTERM waits for the step under way.

django-q2's workers die of it at once, and a supervisor that stops a service sends it to all of its processes
(systemd does). What a step did would be known to nobody.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_is_asked = False


def is_asked() -> bool:
    """Whether this process is to end, and begins nothing more."""
    return _is_asked


@contextmanager
def deferred() -> Iterator[None]:
    """Let a SIGTERM that arrives inside wait for the end of the block, and end the process there.

    Only where it would end the process at once: a process that handles the signal already knows what to do.
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
