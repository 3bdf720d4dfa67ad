"""Tells dj-stripe whose account the API key in the settings is, without giving it the key.

dj-stripe queries its table of API keys, and stores each key that it meets there, in clear. While the mirror
saves, this module answers instead, from a row with a digest in place of the key. Such a row is never used as
a key: dj-stripe calls Stripe only with keys of the type “secret”, or with the one of the settings.
"""

import hashlib
import logging

from django.db.models import QuerySet
from djstripe.enums import APIKeyType
from djstripe.models import Account, APIKey
from djstripe.settings import djstripe_settings

from stripeflow.triggers import stripe_gate

logger = logging.getLogger(__name__)

PREFIX = "stripeflow_sha256_"
NAME = "StripeFlow: whose the key in the settings is"

_djstripes_own = Account.get_or_retrieve_for_api_key.__func__


def install() -> None:
    """Answer dj-stripe from here while the mirror saves; at other times dj-stripe works as usual."""
    Account.get_or_retrieve_for_api_key = classmethod(_answer)


def remember(api_key: str, account: Account) -> None:
    """Record that `api_key` belongs to the account, without storing the key."""
    is_live = "_live_" in api_key
    defaults = {"type": APIKeyType.publishable, "livemode": is_live, "name": NAME}
    row, _created = APIKey.objects.get_or_create(secret=stand_in(api_key), defaults=defaults)
    APIKey.objects.filter(pk=row.pk).update(djstripe_owner_account=account)
    clear()


def stand_in(api_key: str) -> str:
    """What is stored in place of the key. A key is random, so nobody can guess it from the digest."""
    return PREFIX + hashlib.sha256(api_key.encode()).hexdigest()


def ids(*, livemode: bool | None = None) -> frozenset[str]:
    """The accounts of the settings' keys, of those of a mode or of all, as far as rows say it.

    Stripe is not asked. An account has the same ID in both modes.
    """
    keys = [key for key in djstripe_settings.get_api_keys() if livemode in (None, "_live_" in key)]
    known = APIKey.objects.filter(secret__in=[*keys, *map(stand_in, keys)]).exclude(
        djstripe_owner_account=None
    )
    return frozenset(known.values_list("djstripe_owner_account__id", flat=True))


def kept_keys() -> QuerySet:
    """The rows that hold a key of the settings in clear."""
    return APIKey.objects.filter(secret__in=djstripe_settings.get_api_keys())


def clear() -> int:
    """Delete the rows that dj-stripe created from a key of the settings; returns how many.

    A row with a name is a person's, and stays.
    """
    found = kept_keys().filter(name="").delete()[0]
    if found:
        logger.warning("triggers.mirror.keys_cleared", extra={"rows": found})
    return found


def _answer(cls: type[Account], api_key: str) -> Account | None:
    if not stripe_gate.is_active():
        return _djstripes_own(cls, api_key)
    ours = stand_in(api_key)
    rows = APIKey.objects.filter(secret__in=[ours, api_key]).exclude(djstripe_owner_account=None)
    owners = {row.secret: row.djstripe_owner_account for row in rows.select_related("djstripe_owner_account")}
    if api_key in owners:
        # dj-stripe's own row, created while an older version ran.
        remember(api_key, owners.setdefault(ours, owners[api_key]))
    return owners[ours] if ours in owners else _retrieved(cls, api_key)


def _retrieved(cls: type[Account], api_key: str) -> Account:
    data = cls.stripe_class.retrieve(api_key=api_key, stripe_version=djstripe_settings.STRIPE_API_VERSION)
    account, created = cls.objects.get_or_create(id=data["id"])
    # The row first, since saving the account asks again whose key it is.
    remember(api_key, account)
    if created:
        cls.sync_from_stripe_data(data, api_key=api_key)
    return account
