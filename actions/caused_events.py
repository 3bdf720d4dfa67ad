"""Finds a call of ours among Stripe's events, which name the idempotency key of the request that caused them.

An event proves that the call took effect. Without one nothing is proven: an event comes a moment after its
call, and Stripe lists it for 30 days (https://docs.stripe.com/api/events/object#event_object-request).
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import stripe

from stripeflow.actions import conf, stripe_pages
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import Forbidden

# So many of the newest events of the type are looked through, around the first call and after it.
_MOST_PAGES = 10
_PAGE = 100
# How far Stripe's clock and ours may differ.
_SKEW_SECONDS = 10


def has_caused(event_type: str, context: ActionContext) -> bool:
    """Whether the step's call has caused an event of this type.

    False where the Stripe key may not read events. Raises other subclasses of ActionError.
    """
    try:
        return any(
            _is_of(event, context)
            for created in _times(context)
            for event in _events({"type": event_type, "created": created, "limit": _PAGE}, context)
        )
    except Forbidden:
        return False


def _times(context: ActionContext) -> Iterator[dict[str, int]]:
    """When to look: around the first call, however much has happened since, and then after it."""
    if not context.called_at:
        yield {"gte": int(context.since)}
        return
    called = int(context.called_at)
    answered = called + int(conf.get("STRIPE_TIMEOUT_SECONDS")) + _SKEW_SECONDS
    yield {"gte": called - _SKEW_SECONDS, "lte": answered}
    yield {"gt": answered}


def _events(asked: dict[str, Any], context: ActionContext) -> Iterator[dict[str, Any]]:
    for page in islice(stripe_pages.pages(context, _list, asked), _MOST_PAGES):
        yield from page["data"]


def _list(asked: Any, client: stripe.StripeClient) -> stripe.StripeObject:
    return client.v1.events.list(asked)


def _is_of(event: dict[str, Any], context: ActionContext) -> bool:
    request = event.get("request")
    # In versions of the API before 2017-05-25 it is the request's id alone.
    return isinstance(request, dict) and request.get("idempotency_key") == context.idempotency_key
