"""What tells the items of a list apart, so that none is done twice. Pure."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

# As many characters as a path has room for; a longer id is told by its digest.
MAX_KEY = 40
_PLAIN = re.compile(rf"[A-Za-z][A-Za-z0-9_-]{{1,{MAX_KEY - 1}}}", re.ASCII)
_LONGEST_ID = 255


@dataclass(frozen=True)
class Identified:
    """An item, with what finds it whatever its place: the key is its id, or its number without one."""

    number: int
    key: str
    object_id: str
    value: Any


def id_of(value: Any) -> str:
    """The id of an object of Stripe's, or "" for a value that has none. A list may hold ids alone."""
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID:
        return ""
    # Only Stripe's ids have their kind in front, so that two equal texts are two items.
    return found if isinstance(value, dict) or _is_stripe_id(found) else ""


def key_of(object_id: str, number: int) -> str:
    """What the paths of an item's steps carry. Keys of ids begin with a letter, and numbers do not."""
    if not object_id:
        return str(number)
    if _PLAIN.fullmatch(object_id):
        return object_id
    return f"id-{sha256(object_id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def identified(
    values: Iterable[Any], *, first: int = 0, known: Set[str] = frozenset()
) -> Iterator[Identified]:
    """The items in their order, each id once: none whose key is `known`. Their numbers begin at `first`."""
    seen, number = set(known), first
    for value in values:
        object_id = id_of(value)
        key = key_of(object_id, number)
        if key in seen:
            continue
        seen.add(key)
        yield Identified(number, key, object_id, value)
        number += 1


def _is_stripe_id(text: str) -> bool:
    return "_" in text and _PLAIN.fullmatch(text) is not None
