"""Events for tests, accepted through the inbox like real ones."""

import time
from itertools import count
from typing import Any

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event

_numbers = count(1)


def payment(amount: int = 200_000, currency: str = "usd", **fields: Any) -> dict[str, Any]:
    """A payment intent; `amount` is in minor units."""
    return {
        "id": "pi_test",
        "object": "payment_intent",
        "amount": amount,
        "currency": currency,
        "customer": "cus_test",
        "metadata": {},
        **fields,
    }


def accept(
    obj: dict[str, Any],
    *,
    type: str = "payment_intent.succeeded",  # noqa: A002
    created: float | None = None,
    **envelope: Any,
) -> Event:
    """Accept an event about `obj`, created now or at the given Unix time; returns its row."""
    payload = {
        "id": f"evt_test_{next(_numbers)}",
        "object": "event",
        "type": type,
        "created": int(created if created is not None else time.time()),
        "livemode": False,
        "data": {"object": obj},
        "request": {"id": None, "idempotency_key": None},
        **envelope,
    }
    return inbox.accept_stripe(payload, mirror=False).event


def rewrite(event: Event, **fields: Any) -> None:
    """Let the row of `event` say something else of its object, as no event does."""
    event.payload = {**event.payload, "data": {"object": {**event.object, **fields}}}
    event.save()
