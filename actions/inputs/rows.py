"""Inputs that are rows of two texts: metadata, and labelled values."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.context import RESERVED_METADATA_KEYS
from stripeflow.actions.form_fields import RowsField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA
from stripeflow.actions.inputs.references import without_references
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded


@dataclass(frozen=True)
class RowsInput(InputField):
    """A list of {name_key: text, "value": text that may hold references}."""

    max_rows: int = 50

    name_key: ClassVar[str]
    empty_value: ClassVar[Any] = []

    def is_empty(self, value: Any) -> bool:
        return value in (None, "", [])

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, list) or not all(self._is_row(row) for row in raw):
            return [
                self.problem("type", self.say(_("“%(label)s” must be a list of rows with two texts each.")))
            ]
        problems = []
        if len(raw) > self.max_rows:
            message = self.say(_("“%(label)s” may have at most %(limit)d rows."), limit=self.max_rows)
            problems.append(self.problem("too_many", message))
        for index, row in enumerate(raw):
            problems += self.check_row(index, row, earlier=raw[:index])
        return problems

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        """Return the problems of one row; `earlier` are the rows above it. For subclasses to extend."""
        path = f"{index}.{self.name_key}"
        if not row[self.name_key].strip():
            return [self.problem("name_missing", self.name_missing(), path=path)]
        if len(row[self.name_key].splitlines()) > 1:
            return [
                self.problem(
                    "line_break", self.say(_("A row of “%(label)s” has a name of two lines.")), path=path
                )
            ]
        return []

    def clean_value(self, value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list) or not all(self._is_rendered(row) for row in value):
            raise self.invalid(self.say(_("“%(label)s” must be a list of rows with two texts each.")))
        return [{self.name_key: row[self.name_key], "value": self.clean_cell(row)} for row in value]

    def clean_cell(self, row: dict[str, Any]) -> str:
        """Return the text of a rendered row's value. For subclasses."""
        raise NotImplementedError

    def name_missing(self) -> str:
        """Return the sentence for a row with a value and no name. For subclasses."""
        raise NotImplementedError

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        for index, row in enumerate(raw if isinstance(raw, list) else []):
            if self._is_row(row) and row["value"]:
                yield f"{self.name}.{index}.value", row["value"]

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if self.is_empty(raw):
            return raw
        return [{**row, "value": function(row["value"]) if row["value"] else ""} for row in raw]

    def value_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "additionalProperties": False,
            "required": [self.name_key, "value"],
            "properties": {self.name_key: {"type": "string"}, "value": {"type": "string"}},
        }
        return {"anyOf": [{"type": "array", "items": row}, EMPTY_SCHEMA]}

    def _is_row(self, row: Any) -> bool:
        return self._is_rendered(row) and isinstance(row["value"], str)

    def _is_rendered(self, row: Any) -> bool:
        keys = {self.name_key, "value"}
        return isinstance(row, dict) and set(row) == keys and isinstance(row[self.name_key], str)


@dataclass(frozen=True)
class MetadataInput(RowsInput):
    """Rows of key and value within Stripe's limits. An empty value deletes the key at Stripe."""

    kind: ClassVar[str] = "metadata"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number", "number", "true or false"})
    name_key: ClassVar[str] = "key"
    max_key_length: ClassVar[int] = 40
    max_value_length: ClassVar[int] = 500

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        problems = super().check_row(index, row, earlier=earlier)
        if fault := self._key_fault(row["key"], [other["key"] for other in earlier]):
            problems.append(self.problem("key", fault, path=f"{index}.key"))
        if len(without_references(row["value"])) > self.max_value_length:
            problems.append(self.problem("too_long", self._too_long(row["key"]), path=f"{index}.value"))
        return problems

    def clean_value(self, value: Any) -> list[dict[str, str]]:
        rows = super().clean_value(value)
        if len(rows) > self.max_rows:
            raise self.invalid(self.say(_("“%(label)s” has more than %(limit)d rows."), limit=self.max_rows))
        for index, row in enumerate(rows):
            fault = self._key_fault(row["key"], [other["key"] for other in rows[:index]])
            if fault or not row["key"].strip():
                raise self.invalid(fault or self.name_missing())
        return rows

    def clean_cell(self, row: dict[str, Any]) -> str:
        text = scalar_text(row["value"])
        if text is None:
            message = _(
                "The metadata value of “%(key)s” must be a text, and is missing, a list or an object."
            )
            raise self.invalid(worded(message, names={"key": row["key"]}))
        if len(text) > self.max_value_length:
            raise self.invalid(self._too_long(row["key"]))
        return text

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Key"))

    def name_missing(self) -> str:
        return worded(_("A metadata row needs a key."))

    def _key_fault(self, key: str, earlier: list[str]) -> str:
        name = {"key": key}
        if key in RESERVED_METADATA_KEYS:
            return worded(_("The metadata key “%(key)s” is kept for StripeFlow itself."), names=name)
        if key in earlier:
            return worded(_("The metadata key “%(key)s” is given twice."), names=name)
        if len(key) > self.max_key_length:
            return worded(_("The metadata key “%(key)s” is longer than 40 characters."), names=name)
        if "[" in key or "]" in key:
            return worded(_("The metadata key “%(key)s” may not hold square brackets."), names=name)
        return ""

    def _too_long(self, key: str) -> str:
        message = _("The metadata value of “%(key)s” is longer than 500 characters.")
        return worded(message, names={"key": key})


@dataclass(frozen=True)
class LabelledValuesInput(RowsInput):
    """Rows of label and value, to be read by people. Lists and objects are shown as JSON."""

    kind: ClassVar[str] = "labelled_values"
    name_key: ClassVar[str] = "label"

    def clean_cell(self, row: dict[str, Any]) -> str:
        if row["value"] is None:
            return ""
        text = scalar_text(row["value"])
        return json.dumps(row["value"], ensure_ascii=False) if text is None else text

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Label"))

    def name_missing(self) -> str:
        return worded(_("A row needs a label."))
