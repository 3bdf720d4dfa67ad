"""A connection with its secret, for one call."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions import outbound
from stripeflow.actions.connections.auths import Auth, Outgoing
from stripeflow.actions.errors import RefusedUnread
from stripeflow.actions.outbound import Answer
from stripeflow.actions.wording import worded


@dataclass(frozen=True)
class Connected:
    """What an action is given in the place of a connection's name. It is kept nowhere.

    `address` is an origin: “https://shop.example”. `secret` is "" where the authentication has none.
    """

    name: str
    address: str
    auth: Auth
    settings: Mapping[str, Any]
    secret: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The host, for messages."""
        return outbound.origin_of(self.address).host

    def hidden(self) -> Iterator[str]:
        """Yield every text that must not be seen: the secret, and what is made of it."""
        if self.secret:
            yield self.secret
            yield from self.auth.spelled(self.settings, self.secret)

    def refuse_header(self, name: str, value: str | None = None) -> None:
        """Check a header that the step sets. Raises RefusedUnread for one that it may not."""
        outbound.check_header(name, value)
        if name.lower() in self.auth.own_headers(self.settings):
            message = _("The header “%(name)s” is set by the connection, so the step cannot set it.")
            raise RefusedUnread(worded(message, names={"name": name}), code="header")

    def send(
        self,
        method: str,
        target: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        max_bytes: int = outbound.MAX_BYTES,
        writes: bool | None = None,
    ) -> Answer:
        """Send a request to a path and query of this service; as `outbound.send` otherwise.

        `target` begins with a slash, so that it cannot be part of the host.
        """
        if not target.startswith("/"):
            raise RefusedUnread(worded(_("The path has to begin with “/”.")), code="path")
        for name, value in (headers or {}).items():
            self.refuse_header(name, value)
        request = Outgoing(method, target, dict(headers or {}), body, self.address)
        request = self.auth.proved(request, self.settings, self.secret, now=int(time.time()))
        return outbound.send(
            request.method,
            self.address + request.target,
            headers=request.headers,
            body=request.body,
            timeout=timeout,
            max_bytes=max_bytes,
            writes=writes,
        )
