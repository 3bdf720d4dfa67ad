"""The one module through which this package reads from Stripe: key, account, timeout, errors.

Reads of dj-stripe for the mirror go through `stripe_gate`.
"""

import json
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from stripeflow.triggers import conf

TIMEOUT_SECONDS = 20


class NotRead(Exception):
    """Stripe did not answer the request; the message is a sentence that says why, without secrets."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def secret_key(*, livemode: bool) -> str:
    """Return the API key of a mode, or "" where the settings have none."""
    return getattr(settings, "STRIPE_LIVE_SECRET_KEY" if livemode else "STRIPE_TEST_SECRET_KEY", "") or ""


def client(*, livemode: bool, account: str = "", context: str = "") -> stripe.StripeClient:
    """Return a client for a connected account, or within the context that an event names. Raises NotRead."""
    base, key = str(conf.get("STRIPE_API_BASE")), secret_key(livemode=livemode)
    if not key:
        mode = "live" if livemode else "test"
        raise NotRead(_("There is no Stripe API key for the mode “%s”.") % mode)
    return stripe.StripeClient(
        key,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=0,
        stripe_account=account or None,
        stripe_context=context or None,
        base_addresses={"api": base} if base else None,
    )


def get(given: stripe.StripeClient, path: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return Stripe's answer to a GET. Raises NotRead."""
    try:
        answer = json.loads(given.raw_request("get", path, **params).body)
    except stripe.StripeError as error:
        raise NotRead(sentence(error), status=error.http_status) from error
    except ValueError as error:
        raise NotRead(_("What Stripe answered is not JSON.")) from error
    if not isinstance(answer, dict):
        raise NotRead(_("What Stripe answered is no object."))
    return answer


def sentence(error: stripe.StripeError) -> str:
    """Why Stripe did not answer, for people."""
    if error.http_status in (401, 403):
        return _("Stripe refused the API key (%d).") % error.http_status
    if error.http_status is None:
        return _("Stripe could not be reached, or did not answer within %d seconds.") % TIMEOUT_SECONDS
    return _("Stripe answered %d.") % error.http_status
