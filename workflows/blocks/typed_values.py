"""Named values of a type: how a row of them is checked, and how its value is read."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import money
from stripeflow.actions.base import OutputField
from stripeflow.actions.form_fields import RowsField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA
from stripeflow.actions.inputs.references import holds_reference, is_single_reference
from stripeflow.actions.inputs.rows import RowsInput
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import Text, Worded, worded
from stripeflow.workflows.conditions.field_types import WrongType, date_in, is_number, number_in, truth_in

MAX_NAME = 40
MAX_TEXT = 5000
_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_NAME - 1}}}", re.ASCII)
# Other code gives these names of outputs a meaning.
_TAKEN = frozenset({"id", "object", "error"})
_AMOUNT = re.compile(r"(.*\d)\s*([A-Za-z]{3})", re.DOTALL)


def _text(value: Any) -> str:
    text = scalar_text(value)
    if text is None or len(text) > MAX_TEXT:
        raise WrongType
    return text


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        value = _plain_number(number_in(value))
    if not is_number(value):
        raise WrongType
    return value


def _plain_number(exact: Decimal) -> int | float:
    """The number as JSON has it, if that is exact."""
    if exact == exact.to_integral_value():
        return int(exact)
    if Decimal(repr(float(exact))) != exact:
        raise WrongType
    return float(exact)


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        return truth_in(value)
    if not isinstance(value, bool):
        raise WrongType
    return value


def _seconds(value: Any) -> int:
    if isinstance(value, str):
        # As every date in a workflow's settings that names no zone.
        return int(date_in(value, timezone.get_default_timezone()))
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongType
    return value


def _amount(value: Any) -> dict[str, Any] | int:
    """An amount with its currency; one in minor units, of a reference, gets its currency later."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return amount_in(value, locale="en")


def amount_in(text: Any, *, locale: str | None = None) -> dict[str, Any]:
    """The amount in a text such as "48.00 USD", by default in the reader's own way. Raises `WrongType`."""
    match = _AMOUNT.fullmatch(money.plain(text)) if isinstance(text, str) else None
    if match is None or not money.is_currency(match[2]):
        raise WrongType
    currency = match[2].lower()
    try:
        return {"amount": money.parse_major(match[1], currency, locale=locale), "currency": currency}
    except ValueError as error:
        raise WrongType from error


@dataclass(frozen=True)
class ValueType:
    """What a value may be: its label, how a sentence calls it, its type in the catalogue, how it is read.

    `takes`: what a lone reference may give, as for an `InputField`.
    """

    label: Text
    wanted: Text
    field: str
    read: Callable[[Any], Any]
    takes: frozenset[str] = frozenset()


TYPES: dict[str, ValueType] = {
    "text": ValueType(
        gettext_lazy("Text"),
        gettext_lazy("a text of at most 5,000 characters"),
        "string",
        _text,
        frozenset({"text", "whole number", "number", "true or false"}),
    ),
    "number": ValueType(
        gettext_lazy("Number"),
        gettext_lazy("a number such as 1200 or 12.5"),
        "decimal",
        _number,
        frozenset({"text", "whole number", "number"}),
    ),
    "amount": ValueType(
        gettext_lazy("Amount"),
        gettext_lazy("an amount with its currency, such as 48.00 USD, or one dynamic reference to an amount"),
        "money",
        _amount,
        frozenset({"whole number"}),
    ),
    "yes_no": ValueType(
        gettext_lazy("Yes or no"),
        gettext_lazy("yes or no"),
        "boolean",
        _truth,
        frozenset({"text", "true or false"}),
    ),
    "date": ValueType(
        gettext_lazy("Date"),
        gettext_lazy("a date such as 2026-01-31"),
        "timestamp",
        _seconds,
        frozenset({"text", "whole number"}),
    ),
}


@dataclass(frozen=True)
class TypedValuesInput(RowsInput):
    """Rows of name, type and value; cleaned, each value has its type."""

    max_rows: int = 20

    kind: ClassVar[str] = "typed_values"
    name_key: ClassVar[str] = "name"

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, list) or not all(self._is_row(row) for row in raw):
            return [self.problem("type", self._shape())]
        return super().check_raw(raw)

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        problems = super().check_row(index, row, earlier=earlier)
        names = [other["name"] for other in earlier]
        if not problems and (fault := _name_fault(row["name"], names)):
            problems.append(self.problem("name", fault, path=f"{index}.name"))
        if fault := _value_fault(row):
            problems.append(self.problem("value", fault, path=f"{index}.value"))
        return problems

    def clean_value(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(self._is_rendered(row) for row in value):
            raise self.invalid(self._shape())
        return [{**row, "value": self.clean_cell(row)} for row in value]

    def clean_cell(self, row: dict[str, Any]) -> Any:
        if row["value"] is None:
            raise self.invalid(worded(_("“%(name)s” has no value in this run."), names={"name": row["name"]}))
        try:
            return TYPES[row["type"]].read(row["value"])
        except WrongType as error:
            raise self.invalid(_not_one(row, value=scalar_text(row["value"]) or "…")) from error

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if self.is_empty(raw):
            return raw
        return [{**row, "value": function(text) if (text := text_of(row)) else ""} for row in raw]

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        for index, row in enumerate(raw if isinstance(raw, list) else []):
            if self._is_row(row) and (text := text_of(row)):
                yield f"{self.name}.{index}.value", text

    def value_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "type", "value"],
            "properties": {
                "name": {"type": "string", "pattern": f"^{_NAME.pattern}$"},
                "type": {"enum": [*TYPES]},
                "value": {"type": "string"},
            },
        }
        return {"anyOf": [{"type": "array", "items": row, "maxItems": self.max_rows}, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return TypedValuesField(
            self, name_label=gettext_lazy("Name"), types=[(key, one.label) for key, one in TYPES.items()]
        )

    def name_missing(self) -> str:
        return worded(_("A value needs a name."))

    def _shape(self) -> Worded:
        message = _("“%(label)s” must be a list of rows with name, type and value. The types are: {types}.")
        return self.say(message.format(types=", ".join(TYPES)))

    def _is_rendered(self, row: Any) -> bool:
        if not isinstance(row, dict) or _type_of(row) is None:
            return False
        return super()._is_rendered({name: value for name, value in row.items() if name != "type"})


class TypedValuesField(RowsField):
    """Takes names and amounts as people type them: “Refund limit”, “48,00 EUR”."""

    def to_python(self, value: Any) -> list[dict[str, str]] | None:
        return [_as_written(row) for row in value or []] or None


def output_fields(rows: Any) -> tuple[OutputField, ...]:
    """What later steps may refer to, by the rows of a document; faulty rows give nothing."""
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    named = {
        name: type_ for row in found if isinstance(name := row.get("name"), str) and (type_ := _type_of(row))
    }
    return tuple(
        field for name, type_ in named.items() if _NAME.fullmatch(name) for field in fields_of(name, type_)
    )


def _type_of(row: Mapping[str, Any]) -> ValueType | None:
    """The type that a row names; None if there is no such."""
    key = row.get("type")
    return TYPES.get(key) if isinstance(key, str) else None


def text_of(row: Mapping[str, str]) -> str:
    """The value of a row; spaces around it count in texts alone."""
    return row["value"] if row["type"] == "text" else row["value"].strip()


def fields_of(name: str, type_: ValueType) -> Iterator[OutputField]:
    """What later steps may refer to, of one value of that name."""
    label = name.replace("_", " ").capitalize()
    if type_.field != "money":
        yield OutputField(name, label, type_.field)
        return
    currency = f"{name}.currency"
    yield OutputField(f"{name}.amount", label, "money", currency=currency)
    yield OutputField(currency, _("%s (currency)") % label, "string")


def _name_fault(name: str, earlier: list[str]) -> str:
    if name in earlier:
        return worded(_("The name “%(name)s” is given twice."), names={"name": name})
    if name in _TAKEN:
        return worded(_("A value cannot be called “%(name)s”. Choose another name."), names={"name": name})
    if not _NAME.fullmatch(name):
        message = _(
            "The name “%(name)s” may hold letters from a to z, digits and “_”, at most %(most)d, and begins "
            "with a letter."
        )
        return worded(message, names={"name": name, "most": MAX_NAME})
    return ""


def _value_fault(row: dict[str, str]) -> str:
    """What is wrong with a value that holds no reference, or more than the one that an amount may be."""
    text = text_of(row)
    if holds_reference(text) and (row["type"] != "amount" or is_single_reference(text)):
        return ""
    if not text and row["type"] != "text":
        return worded(_("“%(name)s” needs a value."), names={"name": row["name"]})
    try:
        TYPES[row["type"]].read(text)
    except WrongType:
        return _not_one(row)
    return ""


def _not_one(row: Mapping[str, Any], *, value: str = "") -> Worded:
    names = {"name": row["name"], "wanted": TYPES[row["type"]].wanted}
    if not value:
        return worded(_("“%(name)s” must be %(wanted)s."), names=names)
    return worded(
        _("“%(name)s” must be %(wanted)s. In this run it is “%(value)s”."), names=names, value=value
    )


def _as_written(row: dict[str, str]) -> dict[str, str]:
    """The row as a document has it."""
    plain = unicodedata.normalize("NFKC", row["name"]).lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or row["name"]
    written = {**row, "name": name}
    if row["type"] != "amount" or holds_reference(row["value"]):
        return written
    try:
        typed = amount_in(row["value"])
    except WrongType:
        return written
    amount = money.typed_major(typed["amount"], typed["currency"], locale="en")
    return {**written, "value": f"{amount} {typed['currency'].upper()}"}
