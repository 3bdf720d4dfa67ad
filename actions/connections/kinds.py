"""Which kinds of connections there are. A new kind is one entry: `register(ConnectionKind(…))`.

An app registers its own in its `stripeflow_actions.py`, beside the actions that use it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text

HTTP = "http"


def _no_fault(secret: str) -> str:
    return ""


@dataclass(frozen=True)
class ConnectionKind:
    """A kind of service.

    `address` is its address, if it has the same one for everybody; else a person says it. `auths` are the
    kinds of authentication that it knows, the first one by default. `secret_fault` says what is wrong with
    the value of a secret, as a sentence without it, or "".
    """

    key: str
    label: Text
    description: Text = ""
    address: str = ""
    auths: tuple[str, ...] = ("none",)
    secret_fault: Callable[[str], str] = _no_fault


_kinds: dict[str, ConnectionKind] = {}


def register(kind: ConnectionKind) -> ConnectionKind:
    """Register a kind. Raises ValueError for a key that is taken."""
    if kind.key in _kinds:
        raise ValueError(f"Two kinds of connections share the key {kind.key!r}.")
    _kinds[kind.key] = kind
    return kind


def find(key: str) -> ConnectionKind | None:
    """Return the kind with this key; None if it is not installed."""
    return _kinds.get(key)


def all() -> tuple[ConnectionKind, ...]:  # noqa: A001
    """Return every kind, in the order of registration."""
    return tuple(_kinds.values())


register(
    ConnectionKind(
        HTTP,
        "HTTP",
        description=_("Any service with an HTTP API."),
        auths=("none", "header", "bearer", "basic", "hmac"),
    )
)
