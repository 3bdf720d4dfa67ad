"""How long a token of the API works: some months, unless its maker says otherwise."""

from datetime import datetime, timedelta

from django.utils import timezone

from stripeflow.workflows import conf

# What works longer is one that never expires, which nobody gets without asking for it.
MAX_DAYS = 366


def end_of(*, days: int | None = None) -> datetime:
    """When a token expires that is made now, after `days`, or those of the setting TOKEN_DAYS."""
    return timezone.now() + timedelta(days=days or conf.get("TOKEN_DAYS"))
