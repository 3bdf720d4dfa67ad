"""How many processes and threads serve the site: gunicorn starts them, and each thread may hold a connection.

Webhooks that arrive in one process while others are stored share the next commit. So a few processes with
many threads each store more of them than many processes with a few threads, until the cores run out.
"""

import os
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

ALL_THREADS = 32
LEAST_THREADS = 16
# With fewer, the processes of web server, worker and database only take the cores from each other.
CORES_FOR_TWO_PROCESSES = 4


@dataclass(frozen=True)
class WebThreads:
    """So many processes, each with as many threads."""

    processes: int

    @property
    def threads(self) -> int:
        return max(LEAST_THREADS, ALL_THREADS // self.processes)

    @property
    def connections(self) -> int:
        """How many database connections the web server of one host may hold."""
        return self.processes * self.threads


def web_threads(engine: str) -> WebThreads:
    """As many as `WEB_CONCURRENCY` says, or as suit the database of this `ENGINE` and the cores of this host.

    SQLite lets one process write at a time, so a second one waits for the first. Raises
    `ImproperlyConfigured` if that is not a whole number from 1 on.
    """
    if chosen := os.environ.get("WEB_CONCURRENCY"):
        if not chosen.isdecimal() or not int(chosen):
            raise ImproperlyConfigured(
                f"WEB_CONCURRENCY is “{chosen}”. Give a whole number of processes, from 1 on, or remove it."
            )
        return WebThreads(int(chosen))
    is_one_enough = engine.endswith("sqlite3") or _cores() < CORES_FOR_TWO_PROCESSES
    return WebThreads(1 if is_one_enough else 2)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
