"""Where a request goes: scheme, host and port, read strictly.

Libraries disagree about odd addresses (`http://a@b`, `https://0x7f.1`, a backslash, a tab), and each such
disagreement has let requests into private networks. So what is not plainly written is refused.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.errors import RefusedUnread
from stripeflow.actions.outbound.public_addresses import is_public
from stripeflow.actions.wording import worded

DEFAULT_PORTS = {"https": 443, "http": 80}
_CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    rf"(?P<path>(?:/{_CHARACTER}*)*)(?P<query>\?(?:{_CHARACTER}|[/?])*)?",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# The last label of a name is no number: "1.2.3" and "0x7f.1" are IPv4 addresses to some resolvers.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_DOT_SEGMENT = re.compile(r"/(?:\.|%2[Ee]){1,2}(?=/|$)")


class AddressRefused(RefusedUnread):
    """Nothing may be sent to this address, and nothing was."""

    default_code = "address_not_allowed"


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of an address. The host is in lower case, and an IPv6 address in brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def origin_of(url: str) -> Origin:
    """Return the origin of an address that is plainly written. Raises `AddressRefused`.

    The path may be anything that needs no more encoding, without `.` and `..`. A user, a fragment, blanks and
    characters outside of ASCII are refused.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise _refused(
            _(
                "The address is not one that is plainly written, such as https://api.example.com/orders. It "
                "has no user, no fragment, no blanks, and only characters that need no encoding."
            )
        )
    if _DOT_SEGMENT.search(found["path"]):
        raise _refused(_("The path of the address must not go up by “.” or “..”."))
    scheme, host = found["scheme"], found["host"].lower()
    port = int(found["port"]) if found["port"] else DEFAULT_PORTS[scheme]
    if not 0 < port < 65_536:
        raise _refused(_("The address has a port that does not exist."))
    return Origin(scheme, _checked_host(host), port)


def is_allowed(origin: Origin) -> bool:
    """Return whether requests may go there, as far as the name tells; the IP address is checked later."""
    return not refusal(origin)


def is_trusted(origin: Origin) -> bool:
    """Return whether `OUTBOUND_ALLOWED_ORIGINS` names it, so that it may be private, and without TLS."""
    return str(origin) in _trusted()


def refusal(origin: Origin) -> str:
    """Return why nothing may be sent there, as a sentence, or ""."""
    names = {"origin": origin}
    if f".{origin.host}".endswith(".stripe.com"):
        # Limits, idempotency and permissions of what moves money know the actions of Stripe alone.
        return worded(_("Stripe is called by its own actions only, and %(origin)s is Stripe's."), names=names)
    if is_trusted(origin):
        return ""
    if origin.scheme != "https":
        return worded(_("Requests go by https only, and %(origin)s is not."), names=names)
    if origin.port not in _ports():
        message = _("The port of %(origin)s is not among OUTBOUND_PORTS in the settings.")
        return worded(message, names=names)
    literal = _literal(origin.host)
    if literal is not None and not is_public(literal):
        return worded(_("%(origin)s is not an address of the public Internet."), names=names)
    if literal is None and "." not in origin.host:
        return worded(_("%(origin)s is not a host of the public Internet."), names=names)
    return ""


def _checked_host(host: str) -> str:
    if host.startswith("["):
        if _literal(host) is None:
            raise _refused(_("The host of the address is not an IPv6 address."))
        return host
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if _literal(host) is None:
            raise _refused(_("The host of the address is not an IPv4 address of four numbers."))
        return host
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(_("The host of the address is not a name such as api.example.com."))
    return host


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host is; None for a name."""
    try:
        return IPv6Address(host[1:-1]) if host.startswith("[") else IPv4Address(host)
    except AddressValueError:
        return None


def _trusted() -> frozenset[str]:
    found = conf.get("OUTBOUND_ALLOWED_ORIGINS")
    return frozenset(map(str, found)) if isinstance(found, list | tuple) else frozenset()


def _ports() -> frozenset[int]:
    found = conf.get("OUTBOUND_PORTS")
    return frozenset(found) if isinstance(found, list | tuple) else frozenset()


def _refused(message: str) -> AddressRefused:
    return AddressRefused(worded(message))
