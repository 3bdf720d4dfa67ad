"""The way in of chats: an address that is itself the secret, and the only proof of who calls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import outbound
from stripeflow.actions.connections.auths import Auth, Outgoing, register
from stripeflow.actions.errors import ActionError, RefusedUnread
from stripeflow.actions.wording import worded

KEY = "webhook_address"


@register
class WebhookAddressAuth(Auth):
    """The secret is the whole address; path and query are sent, to the host of the connection."""

    key, label = KEY, _("The address of an incoming webhook")
    secret_label = _("Address of the incoming webhook")
    names_address = True

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        origin, target = _parts(secret)
        if origin != request.address:
            message = _now("The address of the incoming webhook is of another host than the connection.")
            raise RefusedUnread(worded(message), code="other_host")
        return replace(request, target=target)

    def spelled(self, settings: Mapping[str, Any], secret: str) -> Iterator[str]:
        """Yield path and query, and every long part of them, one of which is the token itself."""
        _origin, target = _parts(secret)
        yield target
        parts = urlsplit(target)
        values = [value for _name, value in parse_qsl(parts.query)]
        yield from (part for part in (*parts.path.split("/"), *values) if len(part) >= _SHORTEST_TOKEN)

    def address_in(self, secret: str) -> str:
        try:
            return _parts(secret)[0]
        except ActionError:
            return ""

    def secret_fault(self, secret: str) -> str:
        try:
            _origin, target = _parts(secret)
        except ActionError as error:
            return error.message
        if len(target) < _SHORTEST:
            return _now("The secret has to be the whole address of the incoming webhook, with its path.")
        return ""


def begins_with(start: str) -> Callable[[str], str]:
    """Return what says of the address of a webhook that it is of another service, as a sentence, or ""."""

    def fault(secret: str) -> str:
        message = _now("The address of the incoming webhook has to begin with “%s”.")
        return "" if secret.startswith(start) else message % start

    return fault


# Shorter paths hold no token: somebody has copied the address of a site.
_SHORTEST = 20
_SHORTEST_TOKEN = 16


def _parts(secret: str) -> tuple[str, str]:
    """Origin, and path with query. Raises `AddressRefused` for what is no address."""
    origin = outbound.origin_of(secret)
    parts = urlsplit(secret)
    target = parts.path or "/"
    return str(origin), f"{target}?{parts.query}" if parts.query else target
