"""Whether and when a step is tried again. Pure: policy and failure in, decision out."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter. Times are in seconds."""

    max_attempts: int = 8
    base: float = 2.0
    cap: float = 900.0

    def next_attempt(
        self, *, attempts: int, now: datetime, retry_after: float | None, jitter: float
    ) -> datetime | None:
        """When to try again after `attempts` tries, or None if that was the last one.

        `jitter` is a random number from 0 to 1. `retry_after`, in seconds, is what the other side
        asked for; it is a lower bound.
        """
        if attempts >= self.max_attempts:
            return None
        longest = min(self.cap, self.base * 2 ** min(attempts - 1, 30))
        return now + timedelta(seconds=max(longest * jitter, retry_after or 0.0))
