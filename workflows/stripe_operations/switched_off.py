"""Which operations an installation has allowed although they are off by themselves."""

from __future__ import annotations

from stripeflow.workflows import conf
from stripeflow.workflows.stripe_operations.marks import Off


def is_allowed(key: str, off: Off) -> bool:
    """Whether the installation allows the operation. What no limit can count, nobody can allow."""
    return off is Off.SECRET and key in conf.get("STRIPE_ACTIONS_WITH_SECRETS")
