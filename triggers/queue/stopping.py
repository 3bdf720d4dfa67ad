"""How a process learns that it is asked to end, and wakes for it at once."""

import os
import select
from contextlib import suppress
from types import FrameType


class Stop:
    """Says that the cluster is asked to end, with the methods of an event that a sentinel calls.

    Neither the signal's handler nor who waits takes a lock: the handler interrupts the one that waits.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._receives, self._sends = os.pipe()
        os.set_blocking(self._sends, False)

    def set_by_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of the signals that ask to end."""
        self._is_set = True
        with suppress(BlockingIOError):  # the pipe is full, so the one that waits is woken anyway
            os.write(self._sends, b"!")

    def is_set(self) -> bool:
        """Whether the process was asked to end."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait until it is asked, at most so many seconds; returns whether it was."""
        select.select([self._receives], [], [], seconds)
        return self._is_set
