"""The forms of Stripe's secrets, so that checks can say that one is wrong without printing it."""

import os
import re
from collections.abc import Iterator

from django.conf import settings

# Organizations have keys of their own (https://docs.stripe.com/keys).
_KEY = re.compile(r"(sk|rk)_(org_)?((test|live)_)?[A-Za-z0-9]+")
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")

_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_TEST_SECRET_KEY", "STRIPE_LIVE_SECRET_KEY")
SIGNING_SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - the variable's name


def unknown_forms() -> Iterator[tuple[str, str]]:
    """The settings and variables with a value of the wrong form: the name, and what it should hold."""
    for name in _KEYS:
        key = getattr(settings, name, "")
        if key and not looks_like_a_key(key):
            yield name, "a secret key of Stripe's"
    secret = os.environ.get(SIGNING_SECRET_VARIABLE, "").strip()
    if secret and not _SIGNING_SECRET.fullmatch(secret):
        yield SIGNING_SECRET_VARIABLE, "a signing secret of Stripe's"


def looks_like_a_key(key: object) -> bool:
    """Whether it has the form of a secret or restricted key of Stripe's."""
    return isinstance(key, str) and bool(_KEY.fullmatch(key))
