"""The signing secrets of endpoints, which their rows keep encrypted; see `encryption`.

A row created by the project's dj-stripe, or by an older version of this package, holds its secret in clear.
It still works, and `manage.py check --database default` reports it.
"""

import logging
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.signature import InvalidSignature

logger = logging.getLogger(__name__)


def opened(kept: str) -> str:
    """The secret of a row. Raises `InvalidSignature` if no key in the settings fits it."""
    if not encryption.is_encrypted(kept):
        return kept
    try:
        return _decrypted(kept, encryption.fingerprint())
    except CannotDecrypt as error:
        message = _(
            "The endpoint's signing secret was encrypted with another key than those in the settings. Add "
            "that key to SECRET_KEYS, or store the secret again with “manage.py stripeflow_endpoint”."
        )
        raise InvalidSignature(message) from error


def in_clear() -> QuerySet:
    """The endpoints whose row holds the secret in clear."""
    from djstripe.models import WebhookEndpoint

    return WebhookEndpoint.objects.exclude(Q(secret="") | Q(secret__startswith=encryption.PREFIX))


def all_open() -> bool:
    """Whether the keys in the settings open each secret."""
    from djstripe.models import WebhookEndpoint

    kept = WebhookEndpoint.objects.exclude(secret="").values_list("secret", flat=True)
    try:
        return all(opened(secret) for secret in kept)
    except InvalidSignature:
        return False


def rotate() -> int:
    """Encrypt the secret of each endpoint with the first key of today; returns how many have changed.

    A secret in clear stays where dj-stripe's own webhook may have to read it. Raises `CannotDecrypt`.
    """
    from djstripe.models import WebhookEndpoint

    changed = 0
    for pk, kept in WebhookEndpoint.objects.exclude(secret="").values_list("pk", "secret"):
        now = protected(kept)
        if now != kept:
            changed += WebhookEndpoint.objects.filter(pk=pk, secret=kept).update(secret=now)
    if changed:
        logger.info("triggers.endpoints.encrypted", extra={"endpoints": changed})
    return changed


def protected(kept: str) -> str:
    """The value that a row should hold in place of `kept`. Raises `CannotDecrypt`."""
    from stripeflow.triggers import djstripe_webhook

    if encryption.is_encrypted(kept):
        return encryption.rotated(kept)
    return kept if not kept or djstripe_webhook.is_mounted() else encryption.encrypted(kept)


@lru_cache(maxsize=256)
def _decrypted(kept: str, _keys: int) -> str:
    return encryption.decrypted(kept)
