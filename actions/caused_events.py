"""Finds a call of ours among Stripe's events, which name the idempotency key of the request that caused them.

An event proves that the call took effect. Without one nothing is proven: an event comes a moment after its
call, and Stripe lists it for 30 days (https://docs.stripe.com/api/events/object#event_object-request).
"""

import time
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from stripeflow.actions import conf, stripe_client
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import Forbidden
from stripeflow.actions.stripe_pages import Pages

_PAGE = 100
# So many pages are looked through in any case, and so many if there is time.
_ENOUGH_PAGES, _MOST_PAGES = 10, 30
# How far Stripe's clock and ours may differ.
_SKEW_SECONDS = 10
# Nearly every call takes effect within it; a repeat of it comes some time later.
_SOON_SECONDS = 5


def has_caused(event_type: str, context: ActionContext) -> bool:
    """Whether the step's call has caused an event of this type.

    False where the Stripe key may not read events. Raises other subclasses of ActionError.
    """
    try:
        return any(_is_of(event, context) for event in _events(event_type, context))
    except Forbidden:
        return False


def _events(event_type: str, context: ActionContext) -> Iterator[dict[str, Any]]:
    """Those since the first call: the newest ones, and if there are more, those soon after it before others.

    Raises TransientError if Stripe is too slow for as many as are enough.
    """
    # Nothing is sent after a look-up before the run's lease is renewed, so it may take longer than others.
    lists = Pages(context, seconds=conf.get("STRIPE_TIMEOUT_SECONDS"))
    asked = {"type": event_type, "limit": _PAGE}

    def pages(created: dict[str, int]) -> Iterator[dict[str, Any]]:
        return lists.of(partial(stripe_client.plain_list, "/v1/events"), {**asked, "created": created})

    newest = next(pages({"gte": _began(context)}))
    yield from newest["data"]
    if newest["has_more"]:
        every = chain.from_iterable(map(pages, _times(context)))
        # Without a time of the call there may never have been one, so less is worth it.
        most = _MOST_PAGES if context.called_at else _ENOUGH_PAGES
        for number, page in enumerate(islice(every, most), 1):
            yield from page["data"]
            if number >= _ENOUGH_PAGES and lists.is_over:
                return


def _began(context: ActionContext) -> int:
    return int(context.called_at - _SKEW_SECONDS if context.called_at else context.since)


def _times(context: ActionContext) -> Iterator[dict[str, int]]:
    """All times since the first call, each twice as long as the one before: repeats become rarer."""
    if not context.called_at:
        yield {"gte": _began(context)}
        return
    seconds, now = _SOON_SECONDS, int(time.time()) + _SKEW_SECONDS
    begin, end = _began(context), int(context.called_at) + seconds
    while begin <= now:
        yield {"gte": begin, "lt": end}
        seconds *= 2
        begin, end = end, end + seconds


def _is_of(event: dict[str, Any], context: ActionContext) -> bool:
    request = event.get("request")
    # In versions of the API before 2017-05-25 it is the request's id alone.
    return isinstance(request, dict) and request.get("idempotency_key") == context.idempotency_key
