"""Inputs that are a number, a yes or no, or one of a list."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import (
    YES_NO,
    ChoiceField,
    IntegerField,
    TextField,
    boolean_raw,
    boolean_text,
)
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import is_single_reference
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import Text

REFERENCE_SCHEMA = {"type": "string", "pattern": r"^\s*\{\{[\s\S]*\}\}\s*$"}
EMPTY_SCHEMA = {"enum": [None, ""]}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")


@dataclass(frozen=True)
class IntegerInput(InputField):
    """A whole number, or exactly one reference to one."""

    minimum: int | None = None
    maximum: int | None = None

    kind: ClassVar[str] = "integer"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"whole number"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.references and is_single_reference(raw):
            return []
        fault = self.fault(raw)
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> int:
        if fault := self.fault(value):
            raise self.invalid(fault)
        return value

    def fault(self, value: Any) -> str:
        """Return what is wrong with a number, as a sentence, or ""."""
        if isinstance(value, bool) or not isinstance(value, int):
            return self.say(_("“%(label)s” must be a whole number."))
        if self.minimum is not None and value < self.minimum:
            return self.say(_("“%(label)s” must be at least %(limit)d."), limit=self.minimum)
        if self.maximum is not None and value > self.maximum:
            return self.say(_("“%(label)s” must be at most %(limit)d."), limit=self.maximum)
        return ""

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return IntegerField(self)


@dataclass(frozen=True)
class NumberInput(InputField):
    """A number with or without decimals, with a point, or exactly one reference to one; `run` gets a text.

    One of `words` ("inf") may stand for it.
    """

    words: tuple[str, ...] = ()

    kind: ClassVar[str] = "number"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"whole number", "number", "text"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.references and is_single_reference(raw):
            return []
        fault = self.fault(raw)
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> str:
        if fault := self.fault(value):
            raise self.invalid(fault)
        return str(value).strip()

    def fault(self, value: Any) -> str:
        """Return what is wrong with a number, as a sentence, or ""."""
        is_scalar = isinstance(value, int | float | str) and not isinstance(value, bool)
        text = str(value).strip() if is_scalar else ""
        if text in self.words or _NUMBER.fullmatch(text):
            return ""
        return self.say(_("“%(label)s” must be a number, such as 12 or 0.5."))

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "string"}, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)


@dataclass(frozen=True)
class BooleanInput(InputField):
    """Yes or no, or exactly one reference to such a value."""

    kind: ClassVar[str] = "boolean"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"true or false"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if isinstance(raw, bool) or (self.references and is_single_reference(raw)):
            return []
        return [self.problem("invalid", self.say(_("“%(label)s” must be yes or no.")))]

    def clean_value(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.invalid(self.say(_("“%(label)s” must be yes or no.")))
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return ChoiceField(self, choices=YES_NO, to_raw=boolean_raw, to_text=boolean_text)


@dataclass(frozen=True)
class ChoiceInput(InputField):
    """One of `choices`, pairs of value and label; empty shows as `empty_label` and sends nothing."""

    references: bool = False
    choices: tuple[tuple[str, Text], ...] = ()
    empty_label: Text = gettext_lazy("Unspecified")

    kind: ClassVar[str] = "choice"

    def check_raw(self, raw: Any) -> list[Problem]:
        return [] if self._is_choice(raw) else [self.problem("choice", self._message())]

    def clean_value(self, value: Any) -> str:
        if not self._is_choice(value):
            raise self.invalid(self._message())
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"enum": [*(value for value, label in self.choices), "", None]}

    def form_field(self) -> forms.Field:
        return ChoiceField(self, choices=[("", self.empty_label), *self.choices])

    def _is_choice(self, value: Any) -> bool:
        return isinstance(value, str) and value in dict(self.choices)

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be one of its choices."))
