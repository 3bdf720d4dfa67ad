"""Reading the value of a test. What `check` refuses here, `evaluate` calls unknown: one reading for both."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from workflows.conditions.field_types import VALUE_TYPES, Money, WrongType

MAX_VALUES = 200
MAX_DAYS = 36_500

_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


class ValueKind(StrEnum):
    """How many values a test has, and of what: "days" is a whole number of days."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    MANY = "many"
    DAYS = "days"


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


def _none(value: Any, type_key: str) -> None:
    if value is not None and value != "":
        raise ValueFault("value_not_used", _("This operator takes no value."))


def _one(value: Any, type_key: str) -> Any:
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
    lower, upper = (_one(item, type_key) for item in value)
    if isinstance(lower, Money) and lower.currency != upper.currency:
        raise ValueFault("value_currency", _("Both amounts have to be in one currency."))
    if lower > upper:
        raise ValueFault("value_range", _("The first value is greater than the second."))
    return lower, upper


def _many(value: Any, type_key: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
        message = _("Give a list of 1 to {n} values.")
        raise ValueFault("value_count", message.format(n=MAX_VALUES))
    return tuple(_one(item, type_key) for item in value)


def _days(value: Any, type_key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_DAYS:
        raise ValueFault("value_type", _("Give a whole number of days, from 1 to {n}.").format(n=MAX_DAYS))
    return value


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
        raise ValueFault("value_reference", _("The value of a condition cannot be a dynamic reference."))


def _typed(value: Any, type_key: str) -> str | int | bool | Decimal:
    try:
        return VALUE_TYPES[type_key].read(value)
    except WrongType as error:
        message = _("The value has to be {wanted}.").format(wanted=VALUE_TYPES[type_key].wanted)
        raise ValueFault("value_type", message) from error


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
    """Unix seconds, from a whole number or an ISO 8601 text that says its time zone."""
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
