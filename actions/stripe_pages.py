"""Reads whole lists of Stripe's, page by page, in a bounded time."""

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

Read = Callable[[Any, stripe.StripeClient], stripe.StripeObject]


class Pages:
    """Pages of one list, or of several, that share `seconds`; half of `STRIPE_TIMEOUT_SECONDS` by default.

    So a step that makes other calls as well stays within its run's lease.
    """

    def __init__(self, context: ActionContext, *, seconds: float | None = None) -> None:
        self._context = context
        self._seconds = seconds or conf.get("STRIPE_TIMEOUT_SECONDS") / 2
        # The last page begins in the first half of the time, and gets the other half.
        self._until = time.monotonic() + self._seconds / 2
        self._asked = self._count = 0

    @property
    def is_over(self) -> bool:
        """Whether it is too late for another page."""
        return time.monotonic() >= self._until

    def of(self, read: Read, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the pages that `read` gives for `asked`, each behind the last id of the one before.

        Raises TransientError where Stripe is too slow, since half a list would decide something else; and
        what `stripe_client.call` raises.
        """
        has_more = True
        while has_more:
            page = self._page(read, asked)
            yield page
            has_more = bool(page.get("has_more") and page["data"])
            if has_more:
                asked = {**asked, "starting_after": page["data"][-1]["id"]}

    def _page(self, read: Read, asked: Mapping[str, Any]) -> dict[str, Any]:
        timeout = self._seconds / 2
        if not self._asked:
            # Slow as it is, it may be the only one.
            timeout = min(self._seconds, conf.get("STRIPE_TIMEOUT_SECONDS") / 2)
        elif self.is_over:
            raise too_slow(self._count, seconds=self._seconds)
        self._asked += 1
        page = stripe_client.call(self._context, partial(read, asked), writes=False, timeout=timeout)
        self._count += len(page["data"])
        return page


def too_slow(count: int, *, seconds: float) -> TransientError:
    """Return the error of a list of which `count` objects have come in so many seconds."""
    message = _("Stripe gave the list too slowly: %(count)d objects in %(seconds)d seconds.")
    names = {"count": count, "seconds": int(seconds)}
    return TransientError(worded(message, names=names), code="slow_list")
