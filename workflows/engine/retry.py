"""Whether and when a step is tried again. Pure: policy and failure in, decision out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# Stripe may forget an idempotency key after 24 hours; later than this, a call is looked up, not repeated.
KEY_IS_SAFE_FOR = timedelta(hours=23)


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter. Times are in seconds; `total` counts from the first attempt."""

    max_attempts: int = 8
    base: float = 2.0
    cap: float = 900.0
    total: float = 79_200.0

    def with_own(self, own: Mapping[str, Any]) -> "RetryPolicy":
        """This policy, with what a step's `retry` says otherwise."""
        return RetryPolicy(
            max_attempts=own.get("max_attempts", self.max_attempts),
            base=own.get("base_seconds", self.base),
            cap=own.get("cap_seconds", self.cap),
            total=own.get("total_seconds", self.total),
        )

    def next_attempt(
        self,
        *,
        attempts: int,
        began: datetime,
        now: datetime,
        retry_after: float | None,
        jitter: float,
    ) -> datetime | None:
        """When to try again after `attempts` tries since `began`, or None if that was the last one.

        `jitter` is a random number from 0 to 1. `retry_after`, in seconds, is what the other side
        asked for; it is a lower bound. Nothing is tried later than the total time allows: a pause that
        leads beyond it ends the tries at once.
        """
        if attempts >= self.max_attempts:
            return None
        longest = min(self.cap, self.base * 2 ** min(attempts - 1, 30))
        pause = max(longest * jitter, retry_after or 0.0)
        latest = began + timedelta(seconds=self.total)
        if pause > (latest - now).total_seconds():
            return None
        return min(latest, now + timedelta(seconds=pause))


def contradictions(policy: RetryPolicy) -> Iterator[tuple[str, str]]:
    """What makes no sense in a policy: the name of the value in a document, and a code of the reason."""
    if policy.cap < policy.base:
        yield "cap_seconds", "cap_below_base"
    if policy.total < policy.base:
        yield "total_seconds", "total_below_base"
    if policy.total >= KEY_IS_SAFE_FOR.total_seconds():
        yield "total_seconds", "total_beyond_key"
