"""Whether and when a step gets another attempt: a policy, the default one, and contradictions in either.

Pure: policy and failure in, decision out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows import conf

# Stripe may forget an idempotency key after 24 hours; later than this, a call is looked up, not repeated.
KEY_IS_SAFE_FOR = timedelta(hours=23)

_MESSAGES: dict[str, Promise] = {
    "cap_below_base": _("The longest pause (%(cap)g s) is shorter than the first one (%(base)g s)."),
    "total_below_base": _(
        "The total time (%(total)g s) is shorter than the first pause (%(base)g s), so the step would hardly "
        "be tried again."
    ),
    "total_beyond_key": _(
        "The total time has to stay below 23 hours (82,800 s). Stripe may forget an idempotency key after a "
        "day, so that nobody could tell any more whether a repeated call happens twice."
    ),
}


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
        """When the next attempt is due, after `attempts` since `began`; None if that was the last one.

        `jitter` is a random number from 0 to 1. `retry_after`, in seconds, is what the other side
        asked for; it is a lower bound. No attempt is later than the total time allows: a pause that
        leads beyond it ends the attempts at once.
        """
        if attempts >= self.max_attempts:
            return None
        longest = min(self.cap, self.base * 2 ** min(attempts - 1, 30))
        pause = max(longest * jitter, retry_after or 0.0)
        latest = began + timedelta(seconds=self.total)
        if pause > (latest - now).total_seconds():
            return None
        return min(latest, now + timedelta(seconds=pause))


def default_policy() -> RetryPolicy:
    """The policy of the settings, for steps without one of their own."""
    return RetryPolicy(
        max_attempts=conf.get("MAX_ATTEMPTS"),
        base=conf.get("RETRY_BASE_SECONDS"),
        cap=conf.get("RETRY_CAP_SECONDS"),
        total=conf.get("RETRY_TOTAL_SECONDS"),
    )


def contradictions(policy: RetryPolicy) -> Iterator[tuple[str, str]]:
    """The contradictions in a policy: the name of the value in a document, and a code of the reason."""
    if policy.cap < policy.base:
        yield "cap_seconds", "cap_below_base"
    if policy.total < policy.base:
        yield "total_seconds", "total_below_base"
    if policy.total >= KEY_IS_SAFE_FOR.total_seconds():
        yield "total_seconds", "total_beyond_key"


def retry_problems(own: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The name of a value of `retry`, a code and a sentence for each contradiction.

    What the step leaves open comes from the settings.
    """
    if not own:
        return
    policy = default_policy().with_own(own)
    numbers = {"base": policy.base, "cap": policy.cap, "total": policy.total}
    for name, code in contradictions(policy):
        # Of two values that do not fit together, the step's own is the one to fix.
        own_name = name if name in own else "base_seconds"
        if own_name in own:
            yield own_name, code, str(_MESSAGES[code]) % numbers
