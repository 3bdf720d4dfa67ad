"""How many calls this process has under way: each run has a place, and loops take more while some are free.

So `CONCURRENCY` bounds the items of loops as well. Runs come first: a loop gives back what they need.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stripeflow.workflows import conf

_lock = threading.Lock()
_taken = 0


@contextmanager
def of_run() -> Iterator[None]:
    """Around the work on a run: it has a place in any case."""
    _take(1)
    try:
        yield
    finally:
        _take(-1)


@dataclass
class Share:
    """The places that a loop has besides that of its run; `most` at the most."""

    most: int
    held: int = 0

    def adjust(self) -> int:
        """Take what is free and wanted, or give back what runs need; returns how many are held now."""
        global _taken
        with _lock:
            free = int(conf.get("CONCURRENCY")) - _taken
            change = max(min(free, self.most - self.held), -self.held)
            _taken += change
            self.held += change
        return self.held

    def give_back(self) -> None:
        """Give back all of them."""
        _take(-self.held)
        self.held = 0


def _take(number: int) -> None:
    global _taken
    with _lock:
        _taken += number


def _forget() -> None:
    global _lock, _taken
    _lock, _taken = threading.Lock(), 0


# A forked child has none of the threads.
os.register_at_fork(after_in_child=_forget)
