"""What Stripe's secrets look like, for those who must not print them to say that one is wrong."""

import os
import re
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

# Organizations have keys of their own (https://docs.stripe.com/keys).
_KEY = re.compile(r"(sk|rk)_(org_)?((test|live)_)?[A-Za-z0-9]+")
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")
# dj-stripe takes no others.
_DJSTRIPE_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9]{24,}")

_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_TEST_SECRET_KEY", "STRIPE_LIVE_SECRET_KEY")
SIGNING_SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - the variable's name


def unknown_forms() -> Iterator[tuple[str, str]]:
    """Each setting or variable that does not hold what its name says: its name, and what it should hold."""
    for name in _KEYS:
        key = getattr(settings, name, "")
        if key and not (isinstance(key, str) and _KEY.fullmatch(key)):
            yield name, _("a secret key of Stripe's")
    secret = os.environ.get(SIGNING_SECRET_VARIABLE, "").strip()
    if secret and not _SIGNING_SECRET.fullmatch(secret):
        yield SIGNING_SECRET_VARIABLE, _("a signing secret of Stripe's")


def suits_djstripe(key: str) -> bool:
    """Whether dj-stripe takes this key; what it says otherwise holds the key."""
    return bool(_DJSTRIPE_KEY.fullmatch(key))
