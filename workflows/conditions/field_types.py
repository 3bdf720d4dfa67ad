"""The types of fields, how a JSON value of each is read, and what texts may be read as.

Nothing is coerced, unless a test says how to read its field (`READINGS`).
"""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, TypeGuard

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.references import Path


class WrongType(Exception):
    """A JSON value is not one of the type that its field has."""


_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)
# Shorter ones may be a date without its hyphens, longer ones count milliseconds.
_SECONDS = re.compile(r"[0-9]{9,11}", re.ASCII)
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether it is a number that a float can hold as well; true and false are none."""
    try:
        return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:
        return False


def number_in(text: str) -> Decimal:
    """The number in a text such as "1200", " -12.5" or "１２００"; no other text is a number."""
    text = _plain(text)
    if not _NUMBER.fullmatch(text):
        raise WrongType
    return Decimal(text)


def date_in(text: str, zone: tzinfo = UTC) -> float:
    """Unix seconds of an ISO 8601 date, with or without time, or of a text of Unix seconds.

    A date alone is its midnight; without a time zone it is one of `zone`.
    """
    text = _plain(text)
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError) as error:
        raise WrongType from error
    return int(seconds) if seconds.is_integer() else seconds


def truth_in(text: str) -> bool:
    """Yes for true, yes, on and 1, no for false, no, off and 0; in any case."""
    word = _plain(text).lower()
    if word not in _YES | _NO:
        raise WrongType
    return word in _YES


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


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
    """Reads a text, or passes a value that has the type already."""
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


_TEXTS = frozenset({"string", "any"})


@dataclass(frozen=True)
class Reading:
    """`of` are the types of fields that can be read so, `type` the type that they are compared as.

    `values` is the key of the `VALUE_TYPES` that reads them, `phrase` names a field with this reading.
    """

    key: str
    label: Promise
    phrase: Promise
    of: frozenset[str]
    type: str
    values: str


READINGS: dict[str, Reading] = {
    entry.key: entry
    for entry in (
        Reading("number", _("a number"), _("{field} as a number"), _TEXTS, "decimal", "number_text"),
        Reading("date", _("a date"), _("{field} as a date"), _TEXTS, "timestamp", "date_text"),
        Reading("boolean", _("yes or no"), _("{field} as yes or no"), _TEXTS, "boolean", "truth_text"),
        Reading(
            "count",
            _("the number of items"),
            _("number of items in {field}"),
            frozenset({"list"}),
            "integer",
            "integer",
        ),
    )
}


def is_metadata(path: Path) -> bool:
    """Whether a path leads to one key of metadata, whose values are texts that people typed."""
    is_steps_own = len(path) == 3 and path[0] == "steps"
    return len(path) > 1 and path[-2] == "metadata" and not is_steps_own
