"""What a field was before the event, by Stripe's previous_attributes.

They hold the earlier values of what changed: objects with the keys that changed only, lists as a whole.
"""

from typing import Any

from workflows.conditions.missing import MISSING
from workflows.references import MissingValue, Path, resolve


class _Unchanged:
    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = _Unchanged()


def previous_value(path: Path, previous_attributes: dict[str, Any]) -> Any:
    """The earlier value at `path`, which is relative to the event's object.

    `UNCHANGED` if previous_attributes do not speak of it; `MISSING` if they do, and it was not there.
    """
    value: Any = previous_attributes
    for depth, part in enumerate(path):
        if isinstance(value, dict):
            if str(part) not in value:
                return UNCHANGED
            value = value[str(part)]
        else:
            return _within_whole(path[depth:], value)
    return value


def _within_whole(path: Path, value: Any) -> Any:
    """Inside a list, and beside a single value, everything earlier is known."""
    try:
        return resolve(("value", *path), {"value": value})
    except MissingValue:
        return MISSING
