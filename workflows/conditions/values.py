"""Reads the value of a test, for `check`, which refuses a wrong one, and `evaluate`, where it is unknown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.workflows.conditions.field_types import VALUE_TYPES, Money, WrongType, is_number
from stripeflow.workflows.references import Path, Reference, TemplateError, format_path, parse

MAX_DAYS = 36_500
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60}
UNIT_NAMES = {
    "days": gettext_lazy("days"),
    "hours": gettext_lazy("hours"),
    "minutes": gettext_lazy("minutes"),
}


@dataclass(frozen=True)
class Span:
    """So many days, hours or minutes."""

    count: float
    unit: str = "days"

    @property
    def seconds(self) -> float:
        return self.count * UNITS[self.unit]

    @property
    def is_possible(self) -> bool:
        return 0 < self.seconds <= MAX_DAYS * UNITS["days"]

    def __str__(self) -> str:
        # Languages have plurals of whole numbers only; a fraction reads as several.
        number = self.count if isinstance(self.count, int) else 2
        if self.unit == "hours":
            return ngettext("{n} hour", "{n} hours", number).format(n=self.count)
        if self.unit == "minutes":
            return ngettext("{n} minute", "{n} minutes", number).format(n=self.count)
        return ngettext("{n} day", "{n} days", number).format(n=self.count)

    @property
    def plainest(self) -> "Span":
        """The same in its own unit, or the largest that counts it whole: 0.25 days are six hours."""
        for unit in sorted(UNITS, key=lambda unit: unit != self.unit):
            count = self.seconds / UNITS[unit]
            if count.is_integer():
                return Span(int(count), unit)
        return self


def read_span(value: Any) -> Span | None:
    """Days as a number, or `{"hours": 6}`; None for anything else."""
    if isinstance(value, dict):
        if len(value) != 1 or (unit := next(iter(value))) not in UNITS:
            return None
        return _span(value[unit], unit)
    return _span(value, "days")


def _span(count: Any, unit: str) -> Span | None:
    if not is_number(count):
        return None
    span = Span(count, unit)
    return span if span.is_possible else None


MAX_VALUES = 200

_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


class ValueKind(StrEnum):
    """How many values a test has, and of what: "days" is a length of time, in days, hours or minutes."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    MANY = "many"
    DAYS = "days"


@dataclass(frozen=True)
class FieldValue:
    """Says that the value of a test is that of another field."""

    path: Path

    @property
    def field(self) -> str:
        return format_path(self.path)


class ValueFault(Exception):
    """A value that a test cannot have; `message` is a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def read_value(value: Any, *, kind: ValueKind, type_key: str) -> Any:
    """The value as operators compare it: texts, numbers, `Money`, Unix seconds; tuples for two and many.

    `type_key` is a key of `VALUE_TYPES`. Raises `ValueFault`.
    """
    return _READERS[kind](value, type_key)


def field_in(value: Any) -> FieldValue | None:
    """The other field that a value names ("{{ trigger.amount }}"); None for a plain value.

    Raises `ValueFault` for any other text with a dynamic reference in it.
    """
    if not isinstance(value, str) or "{{" not in value:
        return None
    try:
        (part,) = parse(value.strip()).parts
    except TemplateError as error:
        raise ValueFault("value_reference", error.message) from error
    except ValueError:
        part = None
    if not isinstance(part, Reference) or part.filters:
        message = _("A value that is another field is one reference alone, without filters.")
        raise ValueFault("value_reference", message)
    return FieldValue(part.path)


def _none(value: Any, type_key: str) -> None:
    if value is not None and value != "":
        raise ValueFault("value_not_used", _("This operator takes no value."))


def _one(value: Any, type_key: str) -> Any:
    return field_in(value) or _literal(value, type_key)


def _literal(value: Any, type_key: str) -> Any:
    _require_value(value)
    if type_key == "money":
        return _money(value)
    if type_key == "timestamp":
        return _seconds(value)
    if type_key == "number" and isinstance(value, str):
        raise ValueFault("value_type", _("Give a number, without quotes."))
    return _typed(value, type_key)


def _two(value: Any, type_key: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueFault("value_count", _("Give two values: from and to."))
    lower, upper = (_literal(item, type_key) for item in value)
    if isinstance(lower, Money) and lower.currency != upper.currency:
        raise ValueFault("value_currency", _("Both amounts have to be in one currency."))
    if lower > upper:
        raise ValueFault("value_range", _("The first value is greater than the second."))
    return lower, upper


def _many(value: Any, type_key: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
        message = _("Give a list of 1 to {n} values.")
        raise ValueFault("value_count", message.format(n=MAX_VALUES))
    return tuple(_literal(item, type_key) for item in value)


def _days(value: Any, type_key: str) -> Span:
    span = read_span(value)
    if span is None:
        message = _("Give a number of days, up to {n}, or hours or minutes, such as {example}.")
        raise ValueFault("value_type", message.format(n=MAX_DAYS, example='{"hours": 6}'))
    return span


_READERS: dict[ValueKind, Callable[[Any, str], Any]] = {
    ValueKind.NONE: _none,
    ValueKind.ONE: _one,
    ValueKind.TWO: _two,
    ValueKind.MANY: _many,
    ValueKind.DAYS: _days,
}


def _require_value(value: Any) -> None:
    if value is None or value == "":
        raise ValueFault("value_missing", _("Give a value. For fields without one there is “is empty”."))
    if isinstance(value, str) and "{{" in value:
        message = _("Several values cannot be other fields. Give each of them a condition of its own.")
        raise ValueFault("value_reference", message)


def _typed(value: Any, type_key: str) -> str | int | bool | Decimal:
    try:
        typed: str | int | bool | Decimal = VALUE_TYPES[type_key].read(value)
    except WrongType as error:
        message = _("The value has to be {wanted}.").format(wanted=VALUE_TYPES[type_key].wanted)
        raise ValueFault("value_type", message) from error
    return typed


def _money(value: Any) -> Money:
    if not isinstance(value, dict) or value.keys() != {"amount", "currency"}:
        raise ValueFault("value_type", _("Give an amount and its currency."))
    amount, currency = value["amount"], value["currency"]
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise ValueFault("value_type", _("The amount has to be a whole number of minor units."))
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise ValueFault("value_currency", _("The currency has to be a code of three letters, such as usd."))
    return Money(amount, currency.lower())


def _seconds(value: Any) -> int | float:
    """Unix seconds, from a whole number or an ISO 8601 text with a time zone."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        moment = datetime.fromisoformat(value)
        aware = moment.tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    if not aware:
        message = _("Give a date and time with its time zone, such as 2025-01-31T09:00:00Z.")
        raise ValueFault("value_type", message)
    return _whole(moment)


def _whole(moment: datetime) -> int | float:
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds
