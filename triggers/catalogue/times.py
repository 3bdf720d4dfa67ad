"""Which integers are times, in seconds since the Unix epoch."""

from __future__ import annotations

import re

from stripeflow.triggers.catalogue import docstrings

# Stripe documents these as dates without saying that they are Unix times.
_NAMES = frozenset(
    {
        "available_on",
        "billed_until",
        "created",
        "current_deadline",
        "current_period_end",
        "current_period_start",
        "data_load_time",
        "deadline",
        "deletes_after",
        "due_by",
        "end",
        "expires_on",
        "frozen_time",
        "next_payment_attempt",
        "period_end",
        "period_start",
        "redeem_by",
        "release_after",
        "result_available_until",
        "scheduled_release",
        "start",
        "target_frozen_time",
        "trial_end",
        "trial_start",
    }
)
_ENDINGS = re.compile(r"(?:_at|_date)$")


def is_time(name: str, *, doc: str) -> bool:
    """Whether an integer attribute is a time, by its name or by its docstring."""
    return name in _NAMES or bool(_ENDINGS.search(name)) or docstrings.speaks_of_time(doc)
