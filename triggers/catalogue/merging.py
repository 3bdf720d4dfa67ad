"""Merges fields: what a path may hold if the object is one of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from stripeflow.triggers.catalogue.model import Field, FieldType

_TEXTS = frozenset({FieldType.STRING, FieldType.ENUM, FieldType.ID})
_WHOLE = frozenset({FieldType.INTEGER, FieldType.MONEY})
_OBJECTS = frozenset({FieldType.OBJECT, FieldType.METADATA})
# Types that lose their difference when they are merged, and the type that remains.
_COMMON = (
    (_TEXTS, FieldType.STRING),
    (_WHOLE, FieldType.INTEGER),
    (_WHOLE | {FieldType.DECIMAL}, FieldType.DECIMAL),
    (_OBJECTS, FieldType.OBJECT),
)


def merged(fields: Sequence[Field]) -> Field | None:
    """What the fields, all of one path, have in common; None without any.

    Their enum values are combined; types that have nothing in common become any value.
    """
    if len(fields) < 2:
        return fields[0] if fields else None
    kind = _common_type({one.type for one in fields})
    currencies = {(one.currency_path, one.currency) for one in fields}
    if kind is FieldType.MONEY and len(currencies) > 1:
        kind = FieldType.INTEGER
    return replace(
        fields[0],
        type=kind,
        nullable=any(one.nullable for one in fields),
        optional=any(one.optional for one in fields),
        enum=_all_of(one.enum for one in fields) if kind is FieldType.ENUM else (),
        id_of=_all_of(one.id_of for one in fields) if kind is FieldType.ID else (),
        currency_path=fields[0].currency_path if kind is FieldType.MONEY else None,
        currency=fields[0].currency if kind is FieldType.MONEY else None,
        item=merged([one.item for one in fields if one.item]),
        has_children=any(one.has_children for one in fields),
        until="" if any(not one.until for one in fields) else max(one.until for one in fields),
    )


def _common_type(kinds: set[FieldType]) -> FieldType:
    if len(kinds) == 1:
        return next(iter(kinds))
    return next((common for together, common in _COMMON if kinds <= together), FieldType.ANY)


def _all_of(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for several in values for one in several))
