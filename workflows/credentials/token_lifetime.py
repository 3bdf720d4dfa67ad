"""How long a token of the API works: some months, unless its maker says otherwise."""

from datetime import datetime, timedelta

from django.utils import timezone

from stripeflow.workflows import conf

# The longest lifetime. A token that never expires has to be asked for.
MAX_DAYS = 366


def end_of(*, days: int | None = None) -> datetime:
    """When a token made now expires: after `days`, by default those of the setting TOKEN_DAYS."""
    return timezone.now() + timedelta(days=days or conf.get("TOKEN_DAYS"))
