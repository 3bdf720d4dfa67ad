"""Returns free memory to the system in a lull.

What a large page or a batch took for a moment stays with the process: the C library returns only what is
free behind everything in use.
"""

import ctypes
import threading
import time
from collections.abc import Callable

LULL_SECONDS = 1.0


def return_free() -> None:
    """Return every whole page that is free; takes some milliseconds. Other libraries than glibc cannot."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Returner:
    """A thread of its own, which returns memory once nothing has happened for a second.

    Start it in a process that forks no other one.
    """

    def __init__(
        self,
        *,
        pause: Callable[[], None] = lambda: time.sleep(LULL_SECONDS),
        give: Callable[[], None] = return_free,
    ) -> None:
        self._used = threading.Event()
        self._pause, self._give = pause, give

    def start(self) -> None:
        """Begin to watch; the thread ends with the process."""
        threading.Thread(target=self._watch, name="return-memory", daemon=True).start()

    def note_use(self) -> None:
        """Say that something has happened, at any rate and from any thread."""
        if not self._used.is_set():
            self._used.set()

    def _watch(self) -> None:
        while True:
            self.wait_for_a_lull()
            self._give()

    def wait_for_a_lull(self) -> None:
        """Return once there was a use, and then none during a pause."""
        self._used.wait()
        while self._used.is_set():
            self._used.clear()
            self._pause()
