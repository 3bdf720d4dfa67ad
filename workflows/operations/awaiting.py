"""Waits a few seconds for the end of a run, for a caller who wants to know it at once."""

import re
import time
from collections.abc import Callable

from django.db import connection

from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus

MOST_SECONDS = 20
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])", re.ASCII)
# A run in one of these waits for a person.
_STANDS_STILL = (RunStatus.HELD, RunStatus.OUTCOME_UNKNOWN)

Sleep = Callable[[float], object]


def preferred_seconds(prefer: str) -> int:
    """How long a caller wants to wait, by the header `Prefer` (RFC 7240); at most `MOST_SECONDS`."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MOST_SECONDS) if found else 0


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
