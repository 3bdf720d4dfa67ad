"""Waiting for a count, with a deadline."""

import time
from collections.abc import Callable

DEADLINE_SECONDS = 120.0


class TooLate(RuntimeError):
    """The count was not reached in time."""


def until(count: Callable[[], int], expected: int, *, what: str) -> None:
    """Return once `count()` is at least `expected`. Raises `TooLate`.

    It asks four times a second, so that asking costs little beside what is measured.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (seen := count()) < expected:
        if time.monotonic() > deadline:
            raise TooLate(f"{what}: {seen} of {expected}")
        time.sleep(0.25)
