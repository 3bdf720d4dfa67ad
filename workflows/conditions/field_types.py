"""The types that a field may have, and how a JSON value of each is read. Nothing is ever coerced."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.typed_texts import WrongType, date_in, number_in, truth_in

# Stripe writes decimals as texts; 64 digits are more than any of its fields has.
_DECIMAL = re.compile(r"-?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongType
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongType
    return value


def _number(value: Any) -> Decimal:
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    return Decimal(_integer(value))


def _decimal(value: Any) -> Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return _number(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongType
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise WrongType
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongType
    return value


def _scalar(value: Any) -> str | bool | Decimal:
    return value if isinstance(value, str | bool) else _number(value)


def _said(in_text: Callable[[str], Any], plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What a text says, or a value that is of the type already."""
    return lambda value: in_text(value) if isinstance(value, str) else plain(value)


@dataclass(frozen=True)
class ValueType:
    """How values of one type are named in sentences ("a whole number"), and how they are read."""

    wanted: Promise
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class FieldType:
    """A field type of the catalogue. `values` is the key of the `VALUE_TYPES` that its values have."""

    key: str
    label: Promise
    values: str


VALUE_TYPES: dict[str, ValueType] = {
    "text": ValueType(_("a text"), _text),
    "integer": ValueType(_("a whole number"), _integer),
    "number": ValueType(_("a number"), _number),
    "decimal": ValueType(_("a decimal number"), _decimal),
    "money": ValueType(_("an amount in minor units"), _integer),
    "boolean": ValueType(_("true or false"), _boolean),
    "timestamp": ValueType(_("a time in Unix seconds"), _integer),
    "list": ValueType(_("a list"), _list),
    "object": ValueType(_("an object"), _object),
    "number_text": ValueType(_("a number"), _said(number_in, _number)),
    "date_text": ValueType(_("a date"), _said(date_in, _integer)),
    "truth_text": ValueType(_("yes or no"), _said(truth_in, _boolean)),
    "scalar": ValueType(_("a text, a number, or true or false"), _scalar),
}

FIELD_TYPES: dict[str, FieldType] = {
    entry.key: entry
    for entry in (
        FieldType("string", _("text"), "text"),
        FieldType("integer", _("whole number"), "integer"),
        FieldType("decimal", _("decimal number"), "decimal"),
        FieldType("money", _("amount of money"), "money"),
        FieldType("boolean", _("true or false"), "boolean"),
        FieldType("timestamp", _("time"), "timestamp"),
        FieldType("enum", _("choice"), "text"),
        FieldType("id", _("ID"), "text"),
        FieldType("metadata", _("metadata"), "object"),
        FieldType("object", _("object"), "object"),
        FieldType("list", _("list"), "list"),
        FieldType("any", _("any value"), "scalar"),
    )
}


@dataclass(frozen=True, order=True)
class Money:
    """An amount in minor units. Amounts of one currency may be compared; the code is in small letters."""

    amount: int
    currency: str
