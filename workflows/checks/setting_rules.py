"""One rule for the value of each setting, for the system check `stripeflow.E102`.

A wrong value would otherwise fail where it is used: in a worker each second, in a webhook, or, worst,
silently as a limit that matches no currency. Settings with other checks have no rule here: see
`JUDGED_ELSEWHERE`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.module_loading import import_string

from stripeflow.actions import money
from stripeflow.actions.builtin.customer_email import is_sender
from stripeflow.actions.inputs.addresses import is_one_address
from stripeflow.actions.outbound.origins import AddressRefused, origin_of
from stripeflow.triggers.encryption import fernet_key
from stripeflow.workflows.conditions.field_types import is_number
from stripeflow.workflows.conf import OTHER_CURRENCIES
from stripeflow.workflows.credentials import token_lifetime

HOUR = 3600
DAY = 24 * HOUR
# As long as Stripe keeps events.
MONTH = 30 * DAY
# The largest number of the smallest counting column.
SMALL = 32_767
# Characters of an unguessable token: 16 random bytes, as `secrets.token_urlsafe(16)` writes them.
SHORTEST_TOKEN = 22
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_ACCOUNT = re.compile(r"acct_\w+", re.ASCII)
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")

# stripeflow.E002 and E301.
JUDGED_ELSEWHERE = frozenset(
    {
        "DEFAULT_CURRENCY",
        "MIRROR",
        "MIRROR_EVENT_TYPES",
        "MIRROR_WORKERS",
        "QUEUE_BACKEND",
        "WEBHOOK_BODY_LIMIT_BYTES",
        "WEBHOOK_TOLERANCE_SECONDS",
    }
)


@dataclass(frozen=True)
class Rule:
    """`says` completes “… has to be”. A secret's value is never shown."""

    fits: Callable[[object], bool]
    says: str
    secret: bool = False


def _seconds(most: int, *, or_off: bool = False) -> Rule:
    def fits(value: object) -> bool:
        return is_number(value) and (0 < value <= most or (or_off and value == 0))

    return Rule(fits, f"a number of seconds above 0, at most {most}" + (", or 0 for never" if or_off else ""))


def _whole(most: int) -> Rule:
    return Rule(lambda value: _is_whole(value) and 1 <= value <= most, f"a whole number from 1 to {most}")


def _whole_seconds(most: int, *, least: int) -> Rule:
    return Rule(
        lambda value: _is_whole(value) and least <= value <= most,
        f"a whole number of seconds from {least} to {most}",
    )


def _list_of(fits: Callable[[str], bool], says: str) -> Rule:
    def all_fit(value: object) -> bool:
        # A text is a sequence as well, of its characters.
        return isinstance(value, list | tuple) and all(isinstance(one, str) and fits(one) for one in value)

    return Rule(all_fit, f"a list of {says}")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _is_account(text: str) -> bool:
    return _ACCOUNT.fullmatch(text) is not None


def _is_address(value: object) -> bool:
    """Whether it is the address of a site: scheme and host, without a query."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    sound = parts.scheme in ("http", "https") and bool(parts.hostname) and port_is_sound
    return sound and not (parts.query or parts.fragment or re.search(r"\s", value))


def _is_origin(text: str) -> bool:
    try:
        return str(origin_of(text)) == text
    except AddressRefused:
        return False


def _is_port(value: object) -> bool:
    return _is_whole(value) and 0 < value < 65_536


def _is_line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200 and value.isprintable()


def _is_token_or_empty(value: object) -> bool:
    if not isinstance(value, str) or not value:
        return value == ""
    return len(value) >= SHORTEST_TOKEN and value == value.strip() and value.isprintable()


def _are_keys(value: object) -> bool:
    if not isinstance(value, list | tuple) or not all(isinstance(key, str) for key in value):
        return False
    try:
        return all(fernet_key(key) for key in value)
    except ValueError:
        return False


def _is_function_or_empty(value: object) -> bool:
    if not isinstance(value, str) or not value:
        return value == ""
    try:
        return callable(import_string(value))
    except ImportError:
        return False


def _are_caps(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        currency in money.CURRENCIES and _is_whole(amount) and amount >= 0
        for currency, amount in value.items()
    )


def _are_limits(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    others = value.get(OTHER_CURRENCIES, 0)
    is_choice = others is None or (_is_whole(others) and others == 0)
    named = {key: amount for key, amount in value.items() if key != OTHER_CURRENCIES}
    # Without a currency, None would switch all of it off.
    return is_choice and _are_caps(named) and (bool(named) or others is not None)


_RAW_REQUEST = re.compile(r"(POST|DELETE) /v1(/([A-Za-z0-9_\-.:]+|\{\w+\}))+")
_NUMBER = Rule(lambda value: is_number(value) and value > 0, "a number above 0")
_TOKEN = Rule(
    _is_token_or_empty,
    f"a text of at least {SHORTEST_TOKEN} random characters without spaces around it, or empty",
    secret=True,
)

RULES: dict[str, Rule] = {
    "APPROVE_ABOVE": Rule(
        _are_limits,
        "a dictionary of lower-case currencies and whole amounts in minor units, from 0. “other” stands for "
        "all other currencies, with 0 (every amount is approved) or None (nobody is asked)",
    ),
    "ALERT_RECIPIENTS": _list_of(_is_email, "e-mail addresses"),
    "AUDIT_DAYS": Rule(
        lambda value: _is_whole(value) and 0 <= value <= 36_500,
        "a whole number of days from 0, which is never, to 36500",
    ),
    "BASE_URL": Rule(_is_address, "an address such as https://flows.example.com"),
    "CONCURRENCY": _whole(1000),
    "CUSTOMER_CAPS_PER_DAY": Rule(
        _are_caps, "a dictionary of lower-case currencies and whole amounts in minor units, from 0"
    ),
    "CUSTOMER_EMAIL_COMPANY": Rule(_is_line, "one line of at most 200 characters"),
    "CUSTOMER_EMAIL_FOOTER": Rule(
        lambda value: isinstance(value, str) and len(value) <= 1000, "a text of at most 1000 characters"
    ),
    "CUSTOMER_EMAIL_FROM": Rule(
        lambda value: value == "" or (isinstance(value, str) and is_sender(value)),
        "one e-mail address, with or without a name, such as “Shop <shop@example.com>”, or empty",
    ),
    "CUSTOMER_EMAIL_IN_TEST_MODE": Rule(lambda value: isinstance(value, bool), "True or False"),
    "CUSTOMER_EMAIL_LINK_HOSTS": _list_of(
        lambda text: bool(_HOST.fullmatch(text)), "hosts, such as “stripe.com”"
    ),
    "CUSTOMER_EMAIL_REPLY_TO": Rule(
        lambda value: value == "" or (isinstance(value, str) and is_one_address(value)),
        "one e-mail address without a name, or empty",
    ),
    "CUSTOMER_EMAIL_TEST_ADDRESSES": _list_of(
        lambda text: is_one_address(text if not text.startswith("@") else f"a{text}"),
        "e-mail addresses, and domains such as “@example.com”",
    ),
    "CUSTOMER_EMAILS_PER_DAY": Rule(
        lambda value: _is_whole(value) and 0 <= value <= 10**9, "a whole number from 0, which sends none"
    ),
    "DRAIN_SECONDS": _seconds(HOUR),
    "EMAIL_SUBJECT_PREFIX": Rule(_is_line, "one line of at most 200 characters"),
    "GUARD_ADMINS": _list_of(lambda text: text in ("djstripe", "django_q"), "“djstripe” and “django_q”"),
    "HEALTH_CLUSTER_SECONDS": _seconds(MONTH),
    "HEALTH_QUEUE_SECONDS": _seconds(MONTH),
    "HEALTH_SWEEP_SECONDS": _seconds(MONTH),
    "HEALTH_TOKEN": _TOKEN,
    "HEALTH_WEBHOOK_SECONDS": _seconds(365 * DAY, or_off=True),
    "HEALTH_SCHEDULE_SECONDS": _seconds(365 * DAY, or_off=True),
    "LEASE_SECONDS": _seconds(DAY),
    "MAX_ATTEMPTS": _whole(1000),
    "LOOP_MAX_ITEMS": _whole(100_000),
    "MAX_CAUSE_DEPTH": _whole(SMALL - 1),
    "MAX_CLAIMS_WITHOUT_PROGRESS": _whole(SMALL),
    "MAX_INTERRUPTIONS": _whole(SMALL),
    "MAX_RUNS_PER_MINUTE": _whole(10**9),
    "MAX_RUNS_PER_OBJECT_HOUR": _whole(10**9),
    "METRICS_TOKEN": _TOKEN,
    "MONEY_CHECK": Rule(_is_function_or_empty, "the dotted path of a function of yours, or empty"),
    "MONEY_WITHOUT_CUSTOMER": Rule(lambda value: value in ("refuse", "count"), "“refuse” or “count”"),
    "NOTIFY_AGAIN_SECONDS": _seconds(DAY),
    "OTHER_CONNECTIONS": _whole(100_000),
    "OUTBOUND_ALLOWED_ORIGINS": _list_of(
        _is_origin, "origins, each as scheme, host and port alone: “http://127.0.0.1:8025”"
    ),
    "OUTBOUND_PORTS": Rule(
        lambda value: isinstance(value, list | tuple) and all(map(_is_port, value)), "a list of port numbers"
    ),
    "OUTBOUND_TIMEOUT_SECONDS": _seconds(HOUR),
    "OWN_ACCOUNTS": _list_of(_is_account, "your own accounts (“acct_…”)"),
    "QUEUE_CLUSTER": Rule(lambda value: _is_line(value) and bool(value), "the name of a cluster"),
    "QUEUE_TASKS": _list_of(lambda text: bool(_PATH.fullmatch(text)), "dotted paths of functions"),
    "RECONCILE_ACCOUNTS": _list_of(_is_account, "connected accounts (“acct_…”)"),
    "RECONCILE_EVERY_SECONDS": _whole_seconds(MONTH, least=0),
    "RECONCILE_WINDOW_SECONDS": _whole_seconds(MONTH, least=1),
    "REFUND_CAPS_PER_DAY": Rule(
        _are_caps, "a dictionary of lower-case currencies and whole amounts in minor units, from 0"
    ),
    "REFUNDS_WITHOUT_CAP": Rule(lambda value: value in ("count", "refuse"), "“count” or “refuse”"),
    "RETRY_BASE_SECONDS": _seconds(DAY),
    "RETRY_CAP_SECONDS": _seconds(DAY),
    # Below the 23 hours for which a call may be repeated with its idempotency key.
    "RETRY_TOTAL_SECONDS": _seconds(22 * HOUR + HOUR // 2),
    "RUN_SECONDS": _seconds(DAY),
    "SECRET_KEYS": Rule(
        _are_keys, "a list of keys as “manage.py stripeflow_secrets key” prints them", secret=True
    ),
    "COMPILED_SQL": Rule(lambda value: isinstance(value, bool), "True or False"),
    "SECOND_PERSON": Rule(lambda value: isinstance(value, bool), "True or False"),
    "STRIPE_ACTIONS_WITH_SECRETS": _list_of(
        lambda text: text.startswith("stripe."),
        "keys of actions, such as “stripe.billing_portal.sessions.create”",
    ),
    "STRIPE_RAW_REQUESTS": _list_of(
        lambda text: bool(_RAW_REQUEST.fullmatch(text)),
        "methods and addresses, such as “POST /v1/things/{id}”",
    ),
    "STRIPE_API_BASE": Rule(
        lambda value: value == "" or _is_address(value), "an address such as http://127.0.0.1:12111, or empty"
    ),
    "STRIPE_CALLS_PER_SECOND_ENDPOINT": _NUMBER,
    "STRIPE_CALLS_PER_SECOND_LIVE": _NUMBER,
    "STRIPE_CALLS_PER_SECOND_LIVE_ALL_ACCOUNTS": _NUMBER,
    "STRIPE_CALLS_PER_SECOND_TEST": _NUMBER,
    "STRIPE_CALLS_PER_SECOND_TEST_ALL_ACCOUNTS": _NUMBER,
    "STRIPE_TIMEOUT_SECONDS": _seconds(HOUR),
    "TOKEN_DAYS": _whole(token_lifetime.MAX_DAYS),
    "WRONG_TOKENS_PER_MINUTE": _whole(10_000),
    "TRUSTED_PROXIES": Rule(
        lambda value: _is_whole(value) and 0 <= value <= 10,
        "a whole number from 0 to 10",
    ),
}


def complaint(name: str, value: object) -> str:
    """What is wrong with the value of a setting, as a sentence; "" if nothing is."""
    rule = RULES.get(name)
    if rule is None or rule.fits(value):
        return ""
    shown = "" if rule.secret else f", and not {value!r}"[:200]
    return f'STRIPEFLOW["{name}"] has to be {rule.says}{shown}.'
