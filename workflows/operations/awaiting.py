"""Waits a few seconds for the end of a run, for a caller who wants to know it at once."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.db import connection

from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus

MOST_SECONDS = 20
# So many callers of one process wait at once. Each keeps a thread of the web server, which serves others too.
MOST_AT_ONCE = 2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])", re.ASCII)
# A run in one of these waits for a person.
_STANDS_STILL = (RunStatus.HELD, RunStatus.OUTCOME_UNKNOWN)

_PLACES = BoundedSemaphore(MOST_AT_ONCE)

Sleep = Callable[[float], object]


def preferred_seconds(prefer: str) -> int:
    """How long a caller wants to wait, by the header `Prefer` (RFC 7240); at most `MOST_SECONDS`."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MOST_SECONDS) if found else 0


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """Whether there is a place for one more caller who waits; it is kept as long as the context lasts."""
    is_free = _PLACES.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            _PLACES.release()


def await_end(run: Run, *, seconds: float, sleep: Sleep | None = None) -> bool:
    """Wait until the run has ended; whether it has. Its row is then as it is now.

    It returns at once for a run that waits for a person, and where each request is one transaction, whose end
    the worker would wait for.
    """
    ends_at, pause = time.monotonic() + seconds, _FIRST_PAUSE
    run.refresh_from_db()
    if connection.settings_dict.get("ATOMIC_REQUESTS"):
        return run.state.is_final
    while not run.state.is_final and run.status not in _STANDS_STILL and time.monotonic() < ends_at:
        (sleep or time.sleep)(min(pause, max(ends_at - time.monotonic(), 0)))
        pause = min(pause * 2, _LONGEST_PAUSE)
        run.refresh_from_db()
    return run.state.is_final
