"""Addresses of customers: the same one in whatever way it is written."""

from collections.abc import Iterable
from contextlib import suppress


def normalized(address: str) -> str:
    """The address as lists and limits know it: in lower case, with the domain as DNS writes it.

    What a provider makes of dots or “+shop” in a name is its own matter, so these stay.
    """
    name, _at, domain = address.strip().lower().rpartition("@")
    # What is no domain that DNS could have is compared as it is written.
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{name}@{domain}"


def is_in(address: str, entries: Iterable[str]) -> bool:
    """Whether the address is one of the entries: addresses, or domains as “@example.com”."""
    own = normalized(address)
    domain = f"@{own.rpartition('@')[2]}"
    return any(normalized(entry) in (own, domain) for entry in entries)
