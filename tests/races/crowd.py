"""Many threads that start at once, each with its own connection to the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Condition
from typing import Any

from django.db import connections

# Nobody waits longer than this for the others; a safeguard that is missing must end in a verdict.
PATIENCE = 30.0


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each of `works` returned, or the exception that it raised."""
    start = Barrier(len(works), timeout=PATIENCE)

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        except Exception as error:  # noqa: BLE001 - the checks judge it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


class Meeting:
    """Holds whoever calls `wait` until everybody else waits too, or has left; from then on nobody."""

    def __init__(self, members: int) -> None:
        self.missing = members
        self.changed = Condition()

    def leave(self) -> None:
        with self.changed:
            self.missing -= 1
            self.changed.notify_all()

    def wait(self) -> None:
        self.leave()
        with self.changed:
            self.changed.wait_for(lambda: self.missing <= 0, timeout=PATIENCE)
