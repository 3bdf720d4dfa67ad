"""Processes that are started, watched and ended by their ids, and waiting for conditions."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from stripeflow_site.local.private import UMASK, append_to

POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 0.5
POLL_GROWTH = 1.3
SHOWN_LINES = 25

T = TypeVar("T")


class ProcessEnded(RuntimeError):
    """A process ended although it should run on; the message holds the end of its log."""


class TookTooLong(RuntimeError):
    """A condition did not come true in time."""


class Process:
    """A subprocess in a session of its own, so that Ctrl-C in the terminal reaches its starter alone."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        pass_fds: Iterable[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        with append_to(log) as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command lines
                list(command),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
                umask=UMASK,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ensure_alive(self) -> None:
        """Raises `ProcessEnded` if it is not."""
        code = self._process.poll()
        if code is not None:
            raise ProcessEnded(
                f"The {self.name} ended with status {code}. Its last words:\n{self.last_words()}"
            )

    def has_ended(self) -> bool:
        """Whether it is gone, for whatever reason."""
        return self._process.poll() is not None

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-SHOWN_LINES:])

    def stop(self, *, seconds: float = 30.0) -> None:
        """Ask it to end (SIGTERM), and end it by force if it has not within `seconds`."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
        self.kill()

    def kill(self) -> None:
        """End it and all that it has started at once (SIGKILL)."""
        family = [self.pid, *descendants(self.pid)] if self._process.poll() is None else []
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # What was started between the two looks is in the same session, if its parent is gone.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def descendants(pid: int) -> list[int]:
    """The ids of its children and theirs, in whatever session; none where there is no /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in brackets may hold anything; after it come the state and the parent.
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, unseen = [], [pid]
    while unseen:
        below = children.get(unseen.pop(), [])
        found += below
        unseen += below
    return found


def wait_until(
    condition: Callable[[], T], *, what: str, seconds: float = 30.0, alive: Iterable[Process] = ()
) -> T:
    """Ask `condition` until its answer is true, and return it.

    Raises `TookTooLong` naming `what`, and `ProcessEnded` if one of `alive` ends meanwhile.
    """
    deadline = time.monotonic() + seconds
    watched = tuple(alive)
    pause = POLL_SECONDS
    while not (answer := condition()):
        for process in watched:
            process.ensure_alive()
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what} did not happen within {seconds:g} seconds.")
        time.sleep(pause)
        # Each question costs the one who is waited for, so what takes long is asked less often.
        pause = min(pause * POLL_GROWTH, LONGEST_POLL_SECONDS)
    return answer
