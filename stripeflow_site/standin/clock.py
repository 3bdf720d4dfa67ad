"""The stand-in's own clock, which a control call can move on."""

import threading
import time


class Clock:
    """Real time plus what was added to it by control calls, in seconds."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970, on this clock."""
        return time.time() + self._offset

    def seconds(self) -> int:
        """Whole seconds since 1970, as Stripe's `created` carries them."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises ValueError for a negative number, as time does not go back."""
        if seconds < 0:
            raise ValueError("The clock can only be moved forward.")
        with self._lock:
            self._offset += seconds

    def reset(self) -> None:
        """Back to real time."""
        with self._lock:
            self._offset = 0.0
