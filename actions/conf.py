"""The settings this app reads from `settings.STRIPEFLOW`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

DEFAULTS: dict[str, object] = {
    # Base address of Stripe's API; empty for Stripe itself, a loopback address for the stand-in.
    "STRIPE_API_BASE": "",
    # Seconds until a call to Stripe is given up.
    "STRIPE_TIMEOUT_SECONDS": 20,
    # Our own limits on calls a second for each account, below Stripe's: for one endpoint, and in each mode.
    "STRIPE_CALLS_PER_SECOND_ENDPOINT": 20,
    "STRIPE_CALLS_PER_SECOND_LIVE": 80,
    "STRIPE_CALLS_PER_SECOND_TEST": 20,
    # The ceilings of each mode, for all accounts together.
    "STRIPE_CALLS_PER_SECOND_LIVE_ALL_ACCOUNTS": 100,
    "STRIPE_CALLS_PER_SECOND_TEST_ALL_ACCOUNTS": 25,
    # Seconds for one request to somewhere else, from the connection to the end of the answer.
    "OUTBOUND_TIMEOUT_SECONDS": 20,
    # The ports that requests may go to. Only https is spoken there, to addresses of the public Internet.
    "OUTBOUND_PORTS": [443],
    # Origins ("http://127.0.0.1:8025", "https://erp.internal") that may be private, on another port, or
    # without TLS. Each is exact; nothing else of that host is allowed by it.
    "OUTBOUND_ALLOWED_ORIGINS": [],
    # Lower-case currency that a new amount is preset to.
    "DEFAULT_CURRENCY": "usd",
    # Scheme and host of this site, for links in e-mails.
    "BASE_URL": "http://127.0.0.1:8000",
    # Text before the subject of every e-mail to the team.
    "EMAIL_SUBJECT_PREFIX": "",
    # The sender of e-mails to customers; "" lets none be sent. And where answers go, "" for the sender.
    "CUSTOMER_EMAIL_FROM": "",
    "CUSTOMER_EMAIL_REPLY_TO": "",
    # What stands at the top and at the end of each: the company's name, and its postal address.
    "CUSTOMER_EMAIL_COMPANY": "",
    "CUSTOMER_EMAIL_FOOTER": "",
    # Hosts, with all below them, that a button may lead to whose whole address is a value.
    "CUSTOMER_EMAIL_LINK_HOSTS": ["stripe.com"],
    # Whether runs in test mode send e-mails to customers; then to these addresses and “@domains” alone.
    "CUSTOMER_EMAIL_IN_TEST_MODE": False,
    "CUSTOMER_EMAIL_TEST_ADDRESSES": [],
    # How many e-mails may go to customers in a day (UTC), in each mode; 0 sends none.
    "CUSTOMER_EMAILS_PER_DAY": 1000,
}


def get(name: str) -> Any:
    """Return the setting `name`, or its default. Raises KeyError for a name this app does not have."""
    default = DEFAULTS[name]
    found = getattr(settings, "STRIPEFLOW", None)
    return found.get(name, default) if isinstance(found, Mapping) else default
