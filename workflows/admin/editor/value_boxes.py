"""The value of a condition: between what people type into boxes, and what the row holds.

`values` is a key of `conditions.field_types.VALUE_TYPES`: the type that the operator compares with. Amounts
are typed in major units, times in the reader's format and time zone, yes and no as words, and digits in any
width. A lone reference means the value of another field. Several values are one to a line, or separated by
commas (amounts and numbers: comma and space, or a semicolon, since a comma alone groups digits).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import dateparse, formats, timezone
from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.money import plain
from stripeflow.workflows.conditions.operators import OPERATORS
from stripeflow.workflows.conditions.values import (
    UNIT_NAMES,
    Span,
    ValueFault,
    ValueKind,
    field_in,
    read_span,
    read_value,
)

_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off"})
# In these a comma alone may stand within one value.
_WITH_COMMAS = frozenset({"money", "integer", "number", "decimal", "timestamp"})


@dataclass(frozen=True)
class Boxes:
    """What stands in the boxes of one row; `upper` is used for "between" only."""

    text: str = ""
    upper: str = ""
    currency: str = ""

    @property
    def texts(self) -> list[str]:
        """What was typed for one value or for two."""
        return [text for text in (self.text.strip(), self.upper.strip()) if text]


class BoxError(ValueError):
    """A box cannot be read. `box` is "value", "upper" or "currency"; the text is a sentence."""

    def __init__(self, message: str, *, box: str = "value") -> None:
        super().__init__(message)
        self.box = box


def read(boxes: Boxes, *, operator: str, type_key: str | None) -> Any:
    """The value of a row, from its boxes. Raises `BoxError`."""
    kind = OPERATORS[operator].value_kind
    if kind is ValueKind.NONE:
        return None
    expected = OPERATORS[operator].expected_of(type_key)
    try:
        other = field_in(boxes.text) if kind is ValueKind.ONE else None
        value = f"{{{{ {other.field} }}}}" if other else _READERS[kind](boxes, expected)
        read_value(value, kind=kind, type_key=expected)
    except ValueFault as fault:
        raise BoxError(fault.message) from fault
    return value


def show(value: Any, *, operator: str, type_key: str, currency: str) -> Boxes:
    """What the boxes show for a row's value; `currency` is preset where the value has none."""
    kind = OPERATORS[operator].value_kind if operator in OPERATORS else None
    if kind is ValueKind.DAYS and (span := read_span(value)):
        return Boxes(_shown_span(span), currency=currency)
    items = value if isinstance(value, list) else [] if value is None else [value]
    texts = [_shown(item, type_key) for item in items]
    found = next((item["currency"] for item in items if _is_money(item)), currency)
    if kind is ValueKind.TWO and len(texts) == 2:
        return Boxes(texts[0], texts[1], found)
    return Boxes("\n".join(texts), currency=found)


def typed(value: Any, type_key: str, *, currency: str = "") -> str:
    """One value of an event as a person would type it into a box; "" for an amount in no known currency."""
    if type_key != "money":
        return _shown(value, type_key)
    is_amount = isinstance(value, int) and not isinstance(value, bool) and money.is_currency(currency)
    return money.typed_major(value, currency) if is_amount else ""


def split(text: str, values: str) -> list[str]:
    """The several values in one box, without blank ones."""
    if "\n" in text.strip():
        parts = text.splitlines()
    elif values in _WITH_COMMAS:
        parts = re.split(r";|,\s+", text)
    else:
        parts = text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _one(boxes: Boxes, values: str) -> Any:
    return _item(boxes.text, values, boxes.currency)


def _two(boxes: Boxes, values: str) -> list[Any]:
    if not boxes.upper.strip():
        raise BoxError(_("“Between” needs two values: fill in the second box too."), box="upper")
    lower = _item(boxes.text, values, boxes.currency)
    try:
        return [lower, _item(boxes.upper, values, boxes.currency)]
    except BoxError as error:
        raise BoxError(str(error), box="upper") from error


def _many(boxes: Boxes, values: str) -> list[Any]:
    return [_item(part, values, boxes.currency) for part in split(boxes.text, values)]


def _span(boxes: Boxes, values: str) -> float | dict[str, float]:
    """A length of time: "3", "1.5 days", "6 hours". One of days is their number alone."""
    text = plain(boxes.text)
    if not text:
        raise BoxError(_("Fill in a number of days, or a time such as “6 hours”."))
    match = re.fullmatch(r"(?P<count>-?[0-9][0-9.,\s]*)(?P<unit>\D*)", text)
    unit = _unit(match["unit"]) if match else None
    if match is None or unit is None:
        raise BoxError(_("“%s” is not a number of days, hours or minutes, such as “6 hours”.") % boxes.text)
    count = _number(match["count"].strip(), "")
    return count if unit == "days" else {unit: count}


def _unit(word: str) -> str | None:
    """The unit that a word means, in English or in the reader's language; days without a word."""
    word = word.strip().casefold()
    words = {"days": {"", "d", "day"}, "hours": {"h", "hour"}, "minutes": {"m", "min", "minute"}}
    for unit, short in words.items():
        if word in short | {unit, str(UNIT_NAMES[unit]).casefold()}:
            return unit
    return None


def _shown_span(span: Span) -> str:
    count = formats.localize_input(span.count) if isinstance(span.count, int) else str(span.count)
    return count if span.unit == "days" else f"{count} {UNIT_NAMES[span.unit]}"


_READERS: dict[ValueKind, Callable[[Boxes, str], Any]] = {
    ValueKind.ONE: _one,
    ValueKind.TWO: _two,
    ValueKind.MANY: _many,
    ValueKind.DAYS: _span,
}


def _item(text: str, values: str, currency: str) -> Any:
    text = text.strip()
    if not text:
        raise BoxError(_("Fill in a value. To test for an empty field, use “is empty”."))
    return _PARSERS[values](text, currency)


def _text(text: str, currency: str) -> str:
    return text


def _integer(text: str, currency: str) -> int:
    number = str(formats.sanitize_separators(plain(text)))
    if not re.fullmatch(r"-?[0-9]{1,18}", number):
        raise BoxError(_("“%s” is not a whole number.") % text)
    return int(number)


def _decimal(text: str, currency: str) -> str:
    number = str(formats.sanitize_separators(plain(text)))
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", number):
        raise BoxError(_("“%s” is not a number.") % text)
    return number


def _number(text: str, currency: str) -> int | float:
    number = _decimal(text, currency)
    return float(number) if "." in number else int(number)


def _amount(text: str, currency: str) -> dict[str, Any]:
    if not money.is_currency(currency):
        raise BoxError(_("Choose the currency of the amount."), box="currency")
    try:
        return {"amount": money.parse_major(text, currency), "currency": currency.lower()}
    except ValueError as error:
        raise BoxError(str(error)) from error


def _boolean(text: str, currency: str) -> bool:
    word = plain(text).lower()
    if word not in _YES | _NO | {_("yes"), _("no")}:
        raise BoxError(_("“%s” is neither “yes” nor “no”.") % text)
    return word in _YES | {_("yes")}


def _moment(text: str, currency: str) -> str:
    """An ISO 8601 text with its time zone; without one it is the reader's. A date alone is its midnight."""
    digits = plain(text)
    try:
        moment = dateparse.parse_datetime(digits)
        moment = moment or forms.DateTimeField(input_formats=_moment_formats()).clean(digits)
    except (ValueError, ValidationError) as error:
        example = timezone.localtime().strftime("%Y-%m-%d %H:%M")
        raise BoxError(_("“%(text)s” is not a date and time such as %(example)s.") % locals()) from error
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).isoformat()


def _moment_formats() -> list[str]:
    names = ("DATETIME_INPUT_FORMATS", "DATE_INPUT_FORMATS")
    return [pattern for name in names for pattern in formats.get_format(name)]


def _scalar(text: str, currency: str) -> str | int | float | bool:
    """A number, true or false as they are in JSON; anything else, and what stands in quotes, is a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str | int | float | bool) else text


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "money": _amount,
    "boolean": _boolean,
    "timestamp": _moment,
    "list": _scalar,
    "object": _scalar,
    "scalar": _scalar,
}


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("currency"), str)


def _shown(value: Any, type_key: str) -> str:
    if _is_money(value) and isinstance(value.get("amount"), int):
        return money.typed_major(value["amount"], value["currency"])
    if isinstance(value, bool) and type_key != "any":
        return _("yes") if value else _("no")
    if type_key == "timestamp":
        return _shown_moment(value)
    if isinstance(value, str):
        return json.dumps(value) if type_key == "any" and not isinstance(_scalar(value, ""), str) else value
    return json.dumps(value, ensure_ascii=False)


def _shown_moment(value: Any) -> str:
    try:
        moment = (
            datetime.fromtimestamp(value, tz=UTC) if isinstance(value, int) else datetime.fromisoformat(value)
        )
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)
    if timezone.is_naive(moment):
        return str(value)
    local = timezone.localtime(moment)
    return local.strftime("%Y-%m-%d %H:%M:%S") if local.second else local.strftime("%Y-%m-%d %H:%M")
