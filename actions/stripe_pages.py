"""Reads a whole list of Stripe's, page by page, in a bounded time."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import stripe
from django.utils.translation import gettext as _

from stripeflow.actions import conf, stripe_client
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import TransientError
from stripeflow.actions.wording import worded


def pages(
    context: ActionContext,
    read: Callable[[Any, stripe.StripeClient], stripe.StripeObject],
    asked: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield the pages that `read` gives for `asked`, each behind the last id of the one before.

    Together they take at most half of `STRIPE_TIMEOUT_SECONDS`, so a step that makes a call besides stays
    within its run's lease. Raises TransientError where Stripe is slower, since half a list would decide
    something else; and what `stripe_client.call` raises.
    """
    half = conf.get("STRIPE_TIMEOUT_SECONDS") / 2
    began, count = time.monotonic(), 0
    page = stripe_client.call(context, partial(read, asked), writes=False, timeout=half)
    yield page
    while page.get("has_more") and page["data"]:
        count += len(page["data"])
        # The next one begins in the first half of the time, and gets the other half.
        if time.monotonic() - began >= half / 2:
            raise too_slow(count, seconds=half)
        asked = {**asked, "starting_after": page["data"][-1]["id"]}
        page = stripe_client.call(context, partial(read, asked), writes=False, timeout=half / 2)
        yield page


def too_slow(count: int, *, seconds: float) -> TransientError:
    """Return the error of a list of which `count` objects have come in so many seconds."""
    message = _("Stripe gave the list too slowly: %(count)d objects in %(seconds)d seconds.")
    names = {"count": count, "seconds": int(seconds)}
    return TransientError(worded(message, names=names), code="slow_list")
