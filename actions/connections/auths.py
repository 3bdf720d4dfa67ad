"""How a request proves who sends it: the registry of ways, each with its settings.

A new way is a class with `@register`. Its settings are inputs, as an action declares them; its secret is none
of them, but the value of a named secret.
"""

import base64
import hashlib
import hmac
import re
from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.errors import ActionError
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import ChoiceInput
from stripeflow.actions.inputs.text import StringInput
from stripeflow.actions.outbound.sending import check_header
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import Text

# What a header can carry.
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?", re.ASCII)


@dataclass(frozen=True)
class Outgoing:
    """A request before it leaves. `target` is path and query, and `address` the origin of the connection."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None = None
    address: str = ""

    def with_header(self, name: str, value: str) -> "Outgoing":
        return replace(self, headers={**self.headers, name: value})


class Auth(ABC):
    """One way. Holds no state; `settings` have been cleaned by its `inputs`."""

    key: ClassVar[str]
    label: ClassVar[Text]
    # What its secret is called; "" if it has none.
    secret_label: ClassVar[Text] = ""
    inputs: ClassVar[tuple[InputField, ...]] = ()
    # Whether the secret says where the service is: see `address_in`.
    names_address: ClassVar[bool] = False

    @property
    def needs_secret(self) -> bool:
        return bool(self.secret_label)

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        """Return the request with the proof in it; `now` is in Unix seconds."""
        return request

    def own_headers(self, settings: Mapping[str, Any]) -> frozenset[str]:
        """Return the headers that it sets, in lower case; a step may not."""
        return frozenset({"authorization"})

    def spelled(self, settings: Mapping[str, Any], secret: str) -> Iterator[str]:
        """Yield the texts that hold the secret in another spelling, to be hidden like itself."""
        yield from ()

    def secret_fault(self, secret: str) -> str:
        """Return what is wrong with the secret's value, as a sentence without it, or ""."""
        return ""

    def address_in(self, secret: str) -> str:
        """Return the origin that the secret names, or ""; for one that `names_address`."""
        return ""

    def check(self, settings: Mapping[str, Any]) -> list[Problem]:
        """Return every problem of the settings."""
        names = [one.name for one in self.inputs]
        strange = [name for name in settings if name not in names]
        found = [Problem(name, "unknown_setting", _unknown(name)) for name in strange]
        for one in self.inputs:
            found += one.check(settings.get(one.name))
        return found or list(self.further_problems(settings))

    def further_problems(self, settings: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield problems of settings that are each right by themselves. For subclasses."""
        yield from ()

    def clean(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings with every name. Raises InvalidInput."""
        return {one.name: one.clean(settings.get(one.name)) for one in self.inputs}


_auths: dict[str, Auth] = {}


def register(auth_class: type[Auth]) -> type[Auth]:
    """Register a way; for use as a decorator. Raises ValueError for a key that is taken."""
    if auth_class.key in _auths:
        raise ValueError(f"Two kinds of authentication share the key {auth_class.key!r}.")
    _auths[auth_class.key] = auth_class()
    return auth_class


def find(key: str) -> Auth | None:
    """Return the way with this key, or None."""
    return _auths.get(key)


def all() -> tuple[Auth, ...]:  # noqa: A001
    """Return every way, in the order of registration."""
    return tuple(_auths.values())


@register
class NoAuth(Auth):
    key, label = "none", _("None")

    def own_headers(self, settings: Mapping[str, Any]) -> frozenset[str]:
        return frozenset()


@register
class HeaderAuth(Auth):
    """The secret is the value of a header of its own."""

    key, label = "header", _("A header")
    secret_label = _("Value of the header")
    inputs = (
        StringInput(
            "header",
            label=_("Name of the header"),
            required=True,
            references=False,
            max_length=100,
            default="X-Api-Key",
        ),
    )

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        return request.with_header(settings["header"], secret)

    def own_headers(self, settings: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({str(settings.get("header") or "").lower()})

    def secret_fault(self, secret: str) -> str:
        return _unprintable(secret)

    def further_problems(self, settings: Mapping[str, Any]) -> Iterator[Problem]:
        yield from _header_problems(settings, "header")


@register
class BearerAuth(Auth):
    key, label = "bearer", _("Bearer token")
    secret_label = _("Token")

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        return request.with_header("Authorization", f"Bearer {secret}")

    def secret_fault(self, secret: str) -> str:
        return _unprintable(secret)


@register
class BasicAuth(Auth):
    key, label = "basic", _("User name and password")
    secret_label = _("Password")
    inputs = (StringInput("username", label=_("User name"), references=False, max_length=200),)

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        return request.with_header("Authorization", f"Basic {_basic(settings, secret)}")

    def spelled(self, settings: Mapping[str, Any], secret: str) -> Iterator[str]:
        yield _basic(settings, secret)

    def further_problems(self, settings: Mapping[str, Any]) -> Iterator[Problem]:
        if ":" in str(settings.get("username") or ""):
            yield Problem("username", "colon", _now("The user name must not hold a colon."))


@register
class SignedAuth(Auth):
    """The receiver knows the same secret, and checks the signature of the body."""

    key, label = "hmac", _("Signature of the body (HMAC-SHA256)")
    secret_label = _("Key of the signature")
    inputs = (
        StringInput(
            "header",
            label=_("Header of the signature"),
            required=True,
            references=False,
            max_length=100,
            default="X-Signature",
        ),
        ChoiceInput(
            "encoding",
            label=_("Written as"),
            required=True,
            default="hex",
            choices=(("hex", _("Hexadecimal digits")), ("base64", "Base64")),
        ),
        StringInput(
            "prefix",
            label=_("Text before it"),
            help_text=_("Such as “sha256=”."),
            references=False,
            max_length=40,
        ),
        StringInput(
            "timestamp_header",
            label=_("Header of the time"),
            help_text=_("With it, the time (Unix seconds), a dot and the body are signed."),
            references=False,
            max_length=100,
        ),
    )

    def proved(self, request: Outgoing, settings: Mapping[str, Any], secret: str, *, now: int) -> Outgoing:
        signed = request.body or b""
        if timed := settings["timestamp_header"]:
            request = request.with_header(timed, str(now))
            signed = f"{now}.".encode() + signed
        digest = hmac.new(secret.encode(), signed, hashlib.sha256)
        is_hex = settings["encoding"] == "hex"
        text = digest.hexdigest() if is_hex else base64.b64encode(digest.digest()).decode()
        return request.with_header(settings["header"], f"{settings['prefix'] or ''}{text}")

    def own_headers(self, settings: Mapping[str, Any]) -> frozenset[str]:
        named = (settings.get("header"), settings.get("timestamp_header"))
        return frozenset({"authorization", *(str(one).lower() for one in named if one)})

    def further_problems(self, settings: Mapping[str, Any]) -> Iterator[Problem]:
        yield from _header_problems(settings, "header", "timestamp_header")
        if not _PRINTABLE.fullmatch(f"{settings.get('prefix') or ''}a"):
            message = _now("The text before the signature must be ASCII without blanks around it.")
            yield Problem("prefix", "prefix", message)


def _basic(settings: Mapping[str, Any], secret: str) -> str:
    return base64.b64encode(f"{settings['username'] or ''}:{secret}".encode()).decode()


def _header_problems(settings: Mapping[str, Any], *names: str) -> Iterator[Problem]:
    for name in names:
        if given := settings.get(name):
            try:
                check_header(given)
            except ActionError as error:
                yield Problem(name, "header", error.message)


def _unprintable(secret: str) -> str:
    if _PRINTABLE.fullmatch(secret):
        return ""
    return _now("The secret goes into a header, so it must be one line of ASCII without blanks around it.")


def _unknown(name: str) -> str:
    return _now("“%s” is not a setting of this authentication.") % name
