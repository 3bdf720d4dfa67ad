"""A step taken out of one document, made fit to stand in another. Pure."""

import re
from copy import deepcopy

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.redirecting import with_references
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.references import Path


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
    return with_references(copy, lambda path: _followed(path, changed)) if changed else copy


def _free(key: str, taken: set[str]) -> str:
    """`key`, or with the next free number behind it, within the 60 characters of a key."""
    base = re.sub(r"_\d+$", "", key)
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{base[: 59 - len(str(number))]}_{number}"
    return free


def _followed(path: Path, renamed: dict[str, str]) -> Path:
    """A path below `steps.<old>` below the new key, and any other as it is."""
    if len(path) > 1 and path[0] == "steps" and path[1] in renamed:
        return ("steps", renamed[str(path[1])], *path[2:])
    return path
