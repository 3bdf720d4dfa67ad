"""Comparing JSON values strictly (true is not 1), without recursion: payloads may be nested deeply."""

from typing import Any


def kind(value: Any) -> str:
    """The JSON kind of a value: "null", "boolean", "number", "text", "list" or "object"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    kinds: dict[str, Any] = {"text": str, "list": list, "object": dict}
    return next((name for name, found in kinds.items() if isinstance(value, found)), "number")


def identities(items: list[Any]) -> list[str] | None:
    """The ids of a list's items, if each has one of its own."""
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    is_id = all(isinstance(one, str) and one for one in ids)
    return ids if is_id and len(set(ids)) == len(ids) else None


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal and of the same kind, all the way down.

    Items of a list that have ids may stand in another order.
    """
    pairs = [(left, right)]
    while pairs:
        one, two = pairs.pop()
        if kind(one) != kind(two):
            return False
        if isinstance(one, dict):
            if one.keys() != two.keys():
                return False
            pairs.extend((one[key], two[key]) for key in one)
        elif isinstance(one, list):
            if len(one) != len(two):
                return False
            pairs.extend(_paired(one, two))
        elif one != two:
            return False
    return True


def _paired(one: list[Any], two: list[Any]) -> list[tuple[Any, Any]]:
    """The items that are to be the same: by their ids, or else by their places."""
    ids, others = identities(one), identities(two)
    if ids is None or others is None or set(ids) != set(others):
        return list(zip(one, two, strict=True))
    by_id = dict(zip(others, two, strict=True))
    return [(item, by_id[id_]) for item, id_ in zip(one, ids, strict=True)]


def covers(now: Any, before: Any) -> bool:
    """Whether `now` still holds all that `before` says, of whose objects some keys may be left out.

    Stripe's previous_attributes name only the keys of an object that changed, but give lists as a
    whole. An object that is given as empty was empty.
    """
    pairs = [(now, before)]
    while pairs:
        one, two = pairs.pop()
        if not isinstance(one, dict) or not isinstance(two, dict):
            if not same(one, two):
                return False
            continue
        if not two.keys() <= one.keys() or bool(one) != bool(two):
            return False
        pairs.extend((one[key], two[key]) for key in two)
    return True
