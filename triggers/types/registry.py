"""Which types of triggers there are. An installed app may register its own in a `stripeflow_triggers.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from stripeflow.triggers.types import DEFAULT_TYPE
from stripeflow.triggers.types.base import TriggerType

TypeClass = TypeVar("TypeClass", bound=type[TriggerType])

_types: dict[str, TriggerType] = {}


class DuplicateTriggerType(ValueError):
    """Two classes claim the same type, or the same source."""


def register(type_class: TypeClass) -> TypeClass:
    """Register a type of trigger; for use as a decorator.

    Raises DuplicateTriggerType, or ImproperlyConfigured if the class is incomplete.
    """
    type_class.check_declaration()
    for other in _types.values():
        if type_class.type == other.type or type_class.source == other.source:
            names = f"{type_class.__qualname__} and {type(other).__qualname__}"
            raise DuplicateTriggerType(f"{names} share the type {other.type!r}, or its source.")
    _types[type_class.type] = type_class()
    return type_class


def find(key: str) -> TriggerType | None:
    """Return the type with this key, or None if it is not installed; a saved trigger may still carry it."""
    return _types.get(key)


def of_source(source: str) -> TriggerType | None:
    """Return the type whose events have this source, or None."""
    return next((found for found in _types.values() if found.source == source), None)


def all() -> tuple[TriggerType, ...]:  # noqa: A001
    """Return every type: Stripe's events first, then in the order of registration."""
    return tuple(sorted(_types.values(), key=lambda one: one.type != DEFAULT_TYPE))


@contextmanager
def temporarily(type_class: type[TriggerType]) -> Iterator[TriggerType]:
    """Register a type for the length of a test."""
    register(type_class)
    try:
        yield _types[type_class.type]
    finally:
        del _types[type_class.type]
