"""The address of a page where the receiver of one message unsubscribes, without a log-in (RFC 8058).

It carries the e-mail address encrypted and authenticated, so that neither a log line nor a forwarded link
shows it, and nobody can make one for another address. The key follows from SECRET_KEY; with a former one in
SECRET_KEY_FALLBACKS, links in messages that were sent before go on working. They do not expire.
"""

import base64
from functools import lru_cache
from urllib.parse import urljoin

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.wording import worded

VIEW = "stripeflow_email:unsubscribe"
# In place of a token where nothing is sent, as in a preview.
NO_TOKEN = "preview"  # noqa: S105
# What one-click posts hold, by RFC 8058.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
_SALT = "stripeflow.actions.unsubscribe"


class NotALink(ValueError):
    """A token that was not made here, or is damaged."""


def token_of(address: str) -> str:
    """The token that stands for the address in a link."""
    return _keys().encrypt(address.encode()).decode().rstrip("=")


def address_of(token: str) -> str:
    """The address that a token stands for. Raises `NotALink`."""
    try:
        return _keys().decrypt(token + "=" * (-len(token) % 4)).decode()
    except (InvalidToken, ValueError) as error:
        raise NotALink from error


def page_of(address: str, *, livemode: bool) -> str:
    """The link for the receiver of a message.

    Raises `PermanentError` where there is no such page: `no_unsubscribe_page`, or `no_https` in live mode.
    """
    return _page(token_of(address), livemode=livemode)


def page_of_preview() -> str:
    """What a preview shows in place of the link; "" where there is no such page."""
    try:
        return _page(NO_TOKEN, livemode=False)
    except PermanentError:
        return ""


def is_there() -> bool:
    """Whether the site has the page."""
    return bool(page_of_preview())


def _page(token: str, *, livemode: bool) -> str:
    base = conf.get("BASE_URL").rstrip("/") + "/"
    if livemode and not base.startswith("https://"):
        message = _(
            "An e-mail with a link to unsubscribe needs a site with https, and BASE_URL in the settings is "
            "%(address)s. It was not sent."
        )
        raise PermanentError(worded(message, names={"address": base}), code="no_https")
    try:
        return urljoin(base, reverse(VIEW, args=[token]))
    except NoReverseMatch as error:
        message = _(
            "This site has no page to unsubscribe, so the e-mail was not sent. Include "
            "“stripeflow.workflows.suppressions.urls” in its URLs."
        )
        raise PermanentError(worded(message), code="no_unsubscribe_page") from error


def _keys() -> MultiFernet:
    fallbacks = getattr(settings, "SECRET_KEY_FALLBACKS", ())
    return _fernets((str(settings.SECRET_KEY), *map(str, fallbacks)))


@lru_cache(maxsize=8)
def _fernets(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    digest = salted_hmac(_SALT, "key", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
