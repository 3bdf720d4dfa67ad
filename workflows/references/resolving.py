"""Finding the value at a path. The one way in which conditions, inputs and the picker read a scope."""

from collections.abc import Mapping
from typing import Any

from stripeflow.workflows.references.errors import MissingValue
from stripeflow.workflows.references.paths import Path


def resolve(path: Path, scope: Mapping[str, Any]) -> Any:
    """The plain JSON value at `path`. Raises `MissingValue`.

    Only keys of dictionaries and items of lists are read, never attributes, and nothing is called. On
    a dictionary a number is the key of the same digits, as in `trigger.metadata.2024`.
    """
    value: Any = scope
    for depth, part in enumerate(path):
        if isinstance(value, dict):
            key = str(part)
            if key not in value:
                raise MissingValue(path, depth=depth, found=value)
            value = value[key]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            raise MissingValue(path, depth=depth, found=value)
    return value
