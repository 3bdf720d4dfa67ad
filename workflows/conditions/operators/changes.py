"""What a field was before the event, by Stripe's previous_attributes.

They hold the earlier values of what changed: objects with the keys that changed only, lists as a whole.
An object that is given as empty, or as null, was so. Items of lists are known by their id, wherever they
stand; those without one by their place.
"""

from collections.abc import Iterator
from typing import Any

from stripeflow.workflows.conditions.truth import MISSING
from stripeflow.workflows.references import Path


class _Mark:
    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


# UNCHANGED: `previous_attributes` does not name the field. UNCLEAR: it does, but not its value before.
UNCHANGED = _Mark("UNCHANGED")
UNCLEAR = _Mark("UNCLEAR")


def earlier_value(path: Path, now: Any, previous: dict[str, Any], *, whole_lists: bool = True) -> Any:
    """The earlier value at `path`, which is relative to the event's object `now`.

    `UNCHANGED` if previous_attributes do not speak of it, `MISSING` if they do, and it was not there.
    Without `whole_lists` they name only the items that changed: what a list was is `UNCLEAR` then.
    """
    before: Any = previous
    holders: tuple[Any, Any] = (None, None)
    inside_list = False
    for depth, part in enumerate(path):
        if isinstance(now, list) or isinstance(before, list):
            if not whole_lists:
                return UNCLEAR
            before = _item(before, now, part, is_partial=any(map(_is_partial, holders)))
            inside_list = True
        elif isinstance(before, dict):
            holders = (now, before)
            if str(part) not in before:
                is_whole = inside_list or (depth > 0 and not before)
                return MISSING if is_whole else UNCHANGED
            before = before[str(part)]
        else:
            return MISSING
        if before is MISSING or before is UNCLEAR:
            return before
        now = _below(now, part)
    return UNCLEAR if not whole_lists and _holds_a_list(before) else before


def _item(before: Any, now: Any, part: str | int, *, is_partial: bool) -> Any:
    """The earlier item that is the one at place `part` now, or was there if none is now."""
    if before is None:
        return MISSING
    if not isinstance(before, list) or not isinstance(part, int):
        return UNCLEAR if isinstance(before, dict) else MISSING
    items = now if isinstance(now, list) else []
    now_ids, ids = identities(items), identities(before)
    if now_ids is None or ids is None:
        return before[part] if part < len(before) else MISSING
    if part < len(items):
        wanted = now_ids[part]
        absent: Any = UNCLEAR if is_partial else MISSING
        return before[ids.index(wanted)] if wanted in ids else absent
    # What stood here is gone; or it stands elsewhere now, and nothing was here that is here no more.
    gone = part < len(before) and ids[part] not in now_ids
    return UNCLEAR if is_partial else before[part] if gone else MISSING


def _is_partial(holder: Any) -> bool:
    return isinstance(holder, dict) and holder.get("has_more") is True


def _below(now: Any, part: str | int) -> Any:
    if isinstance(now, dict):
        return now.get(str(part))
    return now[part] if isinstance(now, list) and isinstance(part, int) and part < len(now) else None


def _holds_a_list(value: Any) -> bool:
    return any(isinstance(one, list) for one in _inside(value))


def _inside(value: Any) -> Iterator[Any]:
    """A value and all that is in its objects, without recursion."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting.extend(one.values())


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
    found = [item.get("id") if isinstance(item, dict) else None for item in items]
    ids = [one for one in found if isinstance(one, str) and one]
    return ids if len(set(ids)) == len(items) else None


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
