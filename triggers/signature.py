"""Stripe's webhook signature, checked against our clock in both directions.

Written out instead of taken from the SDK, whose check refuses old timestamps only and raises on
signatures that are not ASCII. Source: https://docs.stripe.com/webhooks#verify-manually.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class InvalidSignature(ValueError):
    """The header does not prove that Stripe sent the body just now; the message says why."""


@dataclass(frozen=True)
class _Header:
    timestamp: str
    signatures: tuple[str, ...]


def verify(body: bytes, *, header: str, secret: str, tolerance: int, now: float) -> None:
    """Check that `header` signs `body` with `secret`, at most `tolerance` seconds away from `now`.

    `now` is in seconds since 1970. Raises InvalidSignature, also where there is no secret.
    """
    if not secret:
        raise InvalidSignature(_("The endpoint has no signing secret, so nothing can be verified."))
    parsed = _parse(header)
    expected = hmac.new(secret.encode(), parsed.timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected, signature) for signature in parsed.signatures):
        raise InvalidSignature(_("The signature does not fit the body."))
    if abs(now - int(parsed.timestamp)) > tolerance:
        raise InvalidSignature(_("The signature's time is too far from this server's clock."))


def _parse(header: str) -> _Header:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamps = [value for name, _sep, value in pairs if name == "t" and _TIMESTAMP.fullmatch(value)]
    signatures = [value for name, _sep, value in pairs if name == "v1" and _SIGNATURE.fullmatch(value)]
    if not timestamps or not signatures:
        raise InvalidSignature(_("The Stripe-Signature header is missing or malformed."))
    return _Header(timestamp=timestamps[0], signatures=tuple(signatures))
