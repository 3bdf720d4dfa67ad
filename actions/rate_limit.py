"""Staying below Stripe's rate limits, all workers together (https://docs.stripe.com/rate-limits).

Stripe allows an account 25 calls a second for an endpoint, and 100 (live) or 25 (sandbox) in all. Each
account has these limits to itself in each mode, so that a busy one takes no other's places. A ceiling covers
all accounts of a mode together, since all calls use one key. A call takes a place in the current second by a
guarded update, or waits for the next second. If that is full too, the call is put off; that is no attempt.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.database import brief_use
from stripeflow.actions.errors import Throttled
from stripeflow.actions.models import CallBudget
from stripeflow.actions.wording import worded

# "ch_123", "evt_test_1": the parts of a path that name one object.
_OBJECT_ID = re.compile(r"/[a-z]+_[A-Za-z0-9_]+")


class LimitedClient(stripe.RequestsClient):
    """The SDK's HTTP client, which asks for a place before each call."""

    def request(  # type: ignore[override]  # the SDK's own client leaves out `_usage`, too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """As the SDK's. Raises `Throttled` if there is no place within a second."""
        take_place(method, url, live=_is_live(headers), account=_account(headers))
        return super().request(method, url, headers, post_data)


def take_place(
    method: str,
    url: str,
    *,
    live: bool,
    account: str = "",
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Take a place under each limit, waiting for the next second at most. Raises `Throttled`.

    `account` is the connected account that the call acts as; "" is our own.
    """
    mode = "live" if live else "test"
    whose = f"{mode}:{account}"
    endpoint = f"{whose}:{method.upper()} {_OBJECT_ID.sub('/…', urlsplit(url).path)}"
    limit = f"STRIPE_CALLS_PER_SECOND_{mode.upper()}"
    limits = {
        endpoint[:255]: conf.get("STRIPE_CALLS_PER_SECOND_ENDPOINT"),
        whose[:255]: conf.get(limit),
        # The ceiling last: a call that its own account's limits put off takes no place of others.
        mode: conf.get(f"{limit}_ALL_ACCOUNTS"),
    }
    for key, limit in limits.items():
        if _take(key, limit, int(now())):
            continue
        sleep(1 - now() % 1)
        if not _take(key, limit, int(now())):
            # Spread over some seconds, so that waiting calls do not all come back at once.
            retry_after = 1 + 4 * random.random()  # noqa: S311 - spreads load, protects nothing
            raise Throttled(
                worded(
                    _("More calls to Stripe are due than its rate limit allows; this one waits its turn.")
                ),
                retry_after=retry_after,
            )


def forget(*, before: datetime) -> None:
    """Delete the counts before that time; a limit that is used again gets a new row."""
    CallBudget.objects.filter(second__lt=int(before.timestamp())).delete()


def _take(key: str, limit: int, second: int) -> bool:
    with brief_use():
        return _is_taken(key, limit, second)


def _is_taken(key: str, limit: int, second: int) -> bool:
    rows = CallBudget.objects.filter(key=key)
    if rows.filter(second=second, used__lt=limit).update(used=F("used") + 1):
        return True
    if rows.filter(second__lt=second).update(second=second, used=1):
        return True
    if rows.exists():
        # Another worker may have begun this second between the two updates.
        return bool(rows.filter(second=second, used__lt=limit).update(used=F("used") + 1))
    try:
        with transaction.atomic():
            CallBudget.objects.create(key=key, second=second, used=1)
    except IntegrityError:
        return _is_taken(key, limit, second)
    return True


def _is_live(headers: Mapping[str, str] | None) -> bool:
    return "_live_" in _header(headers, "Authorization")


def _account(headers: Mapping[str, str] | None) -> str:
    return _header(headers, "Stripe-Account")


def _header(headers: Mapping[str, str] | None, name: str) -> str:
    return str((headers or {}).get(name) or "")
