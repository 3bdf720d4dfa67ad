"""What follows from an attempt to deliver an event. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stripeflow.workflows.states import DeliveryStatus

# Before each attempt, since the one before it: about 75 hours in all, as the specification suggests.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
ATTEMPTS = len(DELAYS)
# A delay is longer by up to this part of it, so that what failed together does not come back together.
JITTER = 0.1
_GONE = 410


@dataclass(frozen=True)
class Result:
    """What came of one attempt: the answer's status, or why there was none, as a sentence without secrets.

    `retry_after` is what the destination asked for, in seconds.
    """

    status_code: int | None = None
    error: str = ""
    retry_after: float | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_gone(self) -> bool:
        """Whether the destination asks for no more of anything."""
        return self.status_code == _GONE


@dataclass(frozen=True)
class Decision:
    """The state of the delivery, and when it is sent again.

    Until `resume_at` nothing at all is sent to the destination.
    """

    status: DeliveryStatus
    next_at: datetime | None = None
    resume_at: datetime | None = None


def decide(result: Result, *, attempts: int, now: datetime, jitter: float = 0.0) -> Decision:
    """What follows from the attempt with this number, from 1. `jitter` is random, from 0 to 1.

    2xx is delivered, and 410 is the end. After everything else, redirects too, it is sent again until there
    were `ATTEMPTS`; never before the time that the destination asks for.
    """
    if result.is_delivered:
        return Decision(DeliveryStatus.DELIVERED)
    asked = None if result.retry_after is None else now + timedelta(seconds=result.retry_after)
    if result.is_gone or attempts >= ATTEMPTS:
        return Decision(DeliveryStatus.FAILED, resume_at=asked)
    delay = DELAYS[attempts]
    planned = now + delay + delay * JITTER * jitter
    return Decision(DeliveryStatus.PENDING, max(planned, asked) if asked else planned, asked)
