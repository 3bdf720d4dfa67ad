"""A step taken out of one document, made fit to stand in another. Pure."""

import re
from copy import deepcopy
from typing import Any

from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.walk import Json, steps


def step_of(document: Json, key: str) -> Json:
    """A copy of the step of this key, with all that is inside it. Raises `KeyError`."""
    for place in steps(document):
        if place.step["key"] == key:
            return deepcopy(place.step)
    raise KeyError(key)


def keys_of(step: Json) -> list[str]:
    """The keys of a step and of the steps inside it."""
    return [found["key"] for found in steps_in([step])]


def with_fresh_keys(step: Json, taken: set[str]) -> Json:
    """A copy of `step` whose keys are none of `taken`; what refers to a step inside it follows it."""
    used, renamed = set(taken), {}
    for key in keys_of(step):
        renamed[key] = _free(key, used)
        used.add(renamed[key])
    copy = deepcopy(step)
    for found in steps_in([copy]):
        found["key"] = renamed[found["key"]]
    changed = {old: new for old, new in renamed.items() if old != new}
    return _followed(copy, changed) if changed else copy


def _free(key: str, taken: set[str]) -> str:
    """`key`, or with the next free number behind it, within the 60 characters of a key."""
    base = re.sub(r"_\d+$", "", key)
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{base[: 59 - len(str(number))]}_{number}"
    return free


def _followed(value: Any, renamed: dict[str, str]) -> Any:
    """`value` with every path below `steps.<old>` leading below the new key."""
    pattern = re.compile(r"\bsteps\.(" + "|".join(map(re.escape, renamed)) + r")(?![a-z0-9_])")

    def walk(item: Any) -> Any:
        if isinstance(item, str):
            return pattern.sub(lambda found: f"steps.{renamed[found[1]]}", item) if "steps." in item else item
        if isinstance(item, list):
            return [walk(one) for one in item]
        if isinstance(item, dict):
            return {name: one if name in ("key", "name") else walk(one) for name, one in item.items()}
        return item

    return walk(value)
