"""A process that is forked from this one, with the methods of `subprocess.Popen` that the cluster needs."""

import ctypes
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import NoReturn

from stripeflow.workflows.worker import sharing

logger = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_ASKED_TO_END = (signal.SIGTERM, signal.SIGINT)


class Forked:
    """Calls `work` in a process that leads a session of its own, and ends it with this one.

    It shares the memory of what is loaded here. Fork before this process starts a thread.
    """

    def __init__(self, work: Callable[[], None], *, environment: Mapping[str, str]) -> None:
        self._code: int | None = None
        sharing.before_fork()
        ready, tell = os.pipe()
        # Until the child has signal handlers of its own, it must not lose a signal to those of this process.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED_TO_END)
        try:
            self.pid = os.fork()
            if not self.pid:
                os.close(ready)
                _be_the_child(work, environment, blocked, tell)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.close(tell)
        os.read(ready, 1)  # its group is there, or it has ended
        os.close(ready)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal, or None while it lives."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self) -> int:
        """Wait for its end; returns its exit code, negative for a signal."""
        if self._code is None:
            _pid, status = os.waitpid(self.pid, 0)
            self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def terminate(self) -> None:
        """Ask it to end; nothing happens if it has."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once; nothing happens if it has ended."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        # As long as nobody has waited for it, its id is given to no other process.
        if self.poll() is None:
            os.kill(self.pid, number)


def end_with_parent() -> None:
    """Have the kernel stop this process gracefully when the one that started it is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _be_the_child(
    work: Callable[[], None], environment: Mapping[str, str], mask: set[int | signal.Signals], tell: int
) -> NoReturn:
    """Never returns: the frames above are those of the other process."""
    code = 1
    try:
        os.setsid()
        end_with_parent()
        for number in _ASKED_TO_END:
            signal.signal(number, signal.SIG_DFL)
        os.close(tell)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.environ.update(environment)
        sharing.after_fork()
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else bool(ended.code)
    except BaseException:  # noqa: BLE001 - whatever it is, the frames above must not see it
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
