"""The fields of an answer, as a sample of it declares them: names, types, and what is kept. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from stripeflow.actions.base import OutputField

MOST_FIELDS = 200
_MOST_ITEMS = 1000
_DEEPEST = 8
# What a reference can name.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}", re.ASCII)
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "decimal"),
    (str, "string"),
    (list, "list"),
    (dict, "object"),
)


def outputs_of(sample: Any) -> tuple[OutputField, ...]:  # noqa: ANN401  any JSON value
    """Return the fields of a sample, as later steps refer to them: “body.order.id”."""
    if isinstance(sample, list):
        return (OutputField("body", "Body", "list"),)
    if not isinstance(sample, dict):
        return ()
    return tuple(one for _number, one in zip(range(MOST_FIELDS), _fields(sample, "body", 0), strict=False))


def kept(sample: Any, given: Any) -> Any:  # noqa: ANN401
    """Return the part of an answer that the sample declares; null where it is missing or of another type.

    A field that is null in the sample may be anything. Of a list, each item is kept as the first one of the
    sample says.
    """
    if sample is None:
        return given
    if isinstance(sample, dict):
        if not isinstance(given, dict):
            return None
        return {name: kept(one, given.get(name)) for name, one in sample.items()}
    if isinstance(sample, list):
        if not isinstance(given, list):
            return None
        items = given[:_MOST_ITEMS]
        return [kept(sample[0], one) for one in items] if sample else items
    return given if _fits(sample, given) else None


def _fields(sample: dict[str, Any], path: str, depth: int) -> Iterator[OutputField]:
    for name, value in sample.items():
        if not _NAME.fullmatch(name):
            continue
        own = f"{path}.{name}"
        label = own.removeprefix("body.").replace("_", " ").replace(".", " › ")
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _fields(value, own, depth + 1)
        else:
            yield OutputField(own, label, _type_of(value))


def _type_of(value: Any) -> str:  # noqa: ANN401
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "any")


def _fits(sample: Any, given: Any) -> bool:  # noqa: ANN401
    """Whether a plain value is of the sample's type. A whole number is a number, too."""
    if isinstance(sample, bool) or isinstance(given, bool):
        return isinstance(sample, bool) and isinstance(given, bool)
    if isinstance(sample, float):
        return isinstance(given, int | float)
    return isinstance(given, type(sample))
