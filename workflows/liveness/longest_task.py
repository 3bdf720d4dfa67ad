"""How long the longest of our tasks may take, for those who watch a queue and its workers."""

import stripeflow.actions.conf
from stripeflow.workflows import conf

# Calls to Stripe within one step: the charge is read before the refund is written.
CALLS_OF_A_STEP = 2


def longest_task() -> float:
    """Seconds that one task may take: a run until it makes room, and its last step to the end."""
    get = stripeflow.actions.conf.get
    numbers = [conf.get("RUN_SECONDS"), get("STRIPE_TIMEOUT_SECONDS"), get("OUTBOUND_TIMEOUT_SECONDS")]
    run, call, request = [float(number) if _is_number(number) else 0.0 for number in numbers]
    return run + max(CALLS_OF_A_STEP * call, request)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
