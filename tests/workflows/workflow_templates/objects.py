"""The objects that start a template: with every optional field empty, and with every one filled in."""

from typing import Any

import pytest

from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType

EMPTY_AND_FULL = pytest.mark.parametrize("is_full", [False, True], ids=["empty", "full"])
_DEEPEST = 4
# What the stand-in cannot do without.
_KEPT = frozenset({"id", "object", "created", "livemode", "metadata", "currency", "lines", "items"})


def emptied(obj: dict[str, Any], **given: Any) -> dict[str, Any]:
    """The fields of the object that Stripe may leave empty, as null; `given` are put in by their names."""
    return _emptied(obj["object"], obj, catalogue.fields(obj["object"])) | given


def _emptied(name: str, obj: dict[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields:
        if one.name in _KEPT:
            continue
        if one.nullable:
            found[one.name] = None
        elif isinstance(obj.get(one.name), dict) and one.has_children and one.type is FieldType.OBJECT:
            inside = obj[one.name]
            found[one.name] = inside | _emptied(name, inside, catalogue.children(name, one.path))
    return found


def filled(obj: dict[str, Any], **given: Any) -> dict[str, Any]:
    """The fields of the object that are empty, with a value each; `given` are put in by their names."""
    return _filled(obj["object"], obj, catalogue.fields(obj["object"]), 1) | given


def _filled(name: str, obj: dict[str, Any], fields: tuple[Field, ...], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields:
        old = obj.get(one.name)
        if one.name in _KEPT or one.name == "deleted" or (old is not None and not isinstance(old, dict)):
            continue
        if one.type is FieldType.OBJECT:
            inside = catalogue.children(name, one.path) if one.has_children and depth < _DEEPEST else ()
            found[one.name] = (old or {}) | _filled(name, old or {}, inside, depth + 1)
        else:
            found[one.name] = _VALUES[one.type](one)
    return found


_VALUES = {
    FieldType.STRING: lambda one: "c@example.com" if "email" in one.name else f"some {one.name}",
    FieldType.ENUM: lambda one: one.enum[0],
    FieldType.ID: lambda one: "id_made_up",
    FieldType.INTEGER: lambda one: 1,
    FieldType.DECIMAL: lambda one: "1.5",
    FieldType.MONEY: lambda one: 1_000,
    FieldType.BOOLEAN: lambda one: True,
    FieldType.TIMESTAMP: lambda one: 1_900_000_000,
    FieldType.LIST: lambda one: [],
    FieldType.ANY: lambda one: "anything",
}
