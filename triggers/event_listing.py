"""Reads events from Stripe's own list (https://docs.stripe.com/api/events/list), which holds 30 days."""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import stripe

from stripeflow.triggers import stripe_reads
from stripeflow.triggers.stripe_reads import NotRead, sentence

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
PAGE_SIZE = 100
MAX_TRIES = 7
LONGEST_PAUSE_SECONDS = 32.0
# Stripe's own limit on the parameter `types`.
MAX_TYPES = 20


class ListingError(Exception):
    """Stripe did not list the events; the message is a sentence that says why, without secrets."""


class TooMany(Exception):
    """A span of time holds more events than were asked for."""


@dataclass(frozen=True)
class Listing:
    """Which events are listed: of a mode, of a connected account ("" is our own), of these types (or all).

    A type may end in "*".
    """

    livemode: bool
    account: str = ""
    types: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As logs and rows name it: "live", "test:acct_1"."""
        return ":".join(filter(None, ("live" if self.livemode else "test", self.account)))


class EventList:
    """Stripe's list of events of one `Listing`. `sleep` waits between two attempts of a call."""

    def __init__(self, listing: Listing, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.listing = listing
        self.sleep = sleep
        try:
            self.client = stripe_reads.client(livemode=listing.livemode, account=listing.account)
        except NotRead as error:
            raise ListingError(str(error)) from error

    def between(self, start: int, end: int | None, *, most: int | None) -> list[dict[str, Any]]:
        """The events created from `start` up to, not including, `end` (Unix seconds), oldest first.

        Without `end` there is no upper bound. Raises TooMany for more than `most`, and ListingError.
        """
        created = {"gte": start} if end is None else {"gte": start, "lt": end}
        found: list[dict[str, Any]] = []
        for filters in _filters(self.listing.types):
            for event in self._pages({"created": created, "limit": PAGE_SIZE, **filters}):
                found.append(event)
                if most is not None and len(found) > most:
                    raise TooMany
        # Stripe lists the newest first. The sort is stable, so within a second its order is kept.
        found.reverse()
        return sorted(found, key=lambda event: event.get("created", 0))

    def _pages(self, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page = self._page(params)
        while True:
            yield from (self._as_delivered(event) for event in page["data"])
            if not page["has_more"] or not page["data"]:
                return
            page = self._page({**params, "starting_after": page["data"][-1]["id"]})

    def _page(self, params: dict[str, Any]) -> dict[str, Any]:
        for tried in range(1, MAX_TRIES + 1):
            try:
                answer = self.client.raw_request("get", "/v1/events", **params)
                return json.loads(answer.body)
            except stripe.StripeError as error:
                if tried == MAX_TRIES or not _is_transient(error):
                    raise ListingError(sentence(error)) from error
                pause = _pause(error, tried)
                logger.warning(
                    "triggers.events.not_listed", extra={"status": error.http_status, "pause_seconds": pause}
                )
                self.sleep(pause)
        raise AssertionError("unreachable")

    def _as_delivered(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event as a Connect webhook carries it: with the account that it belongs to."""
        if self.listing.account and not event.get("account"):
            return {**event, "account": self.listing.account}
        return event


def _filters(types: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The parameters of the lists that hold these types: patterns one by one, names in twenties."""
    if not types:
        yield {}
    yield from ({"type": pattern} for pattern in types if pattern.endswith("*"))
    names = [name for name in types if not name.endswith("*")]
    for at in range(0, len(names), MAX_TYPES):
        yield {"types": names[at : at + MAX_TYPES]}


def _is_transient(error: stripe.StripeError) -> bool:
    if isinstance(error, stripe.APIConnectionError):
        return True
    return error.http_status is not None and (error.http_status in (409, 429) or error.http_status >= 500)


def _pause(error: stripe.StripeError, tried: int) -> float:
    """Seconds before the next attempt: doubling, with jitter, and never less than Stripe asks for."""
    asked = (error.headers or {}).get("retry-after", "")
    least = float(asked) if asked.isascii() and asked.isdigit() else 0.0
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects nothing
    return max(min(2.0 ** (tried - 1), LONGEST_PAUSE_SECONDS) * jitter, min(least, 60.0))
