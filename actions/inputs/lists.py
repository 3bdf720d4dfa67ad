"""Inputs that are a list of texts, or JSON of any shape."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.form_fields import JsonField, LinesField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA, REFERENCE_SCHEMA
from stripeflow.actions.inputs.references import is_single_reference
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.problems import Problem

_LONGEST_JSON = 20_000


@dataclass(frozen=True)
class TextsInput(InputField):
    """A list of texts, each of which may hold references, or exactly one reference to a list or to a text."""

    max_items: int = 100
    max_length: int = 5000

    kind: ClassVar[str] = "texts"
    empty_value: ClassVar[Any] = []

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.references and is_single_reference(raw):
            return []
        if not isinstance(raw, list) or not all(isinstance(one, str) and one.strip() for one in raw):
            return [self.problem("type", self._message())]
        fault = self._fault(raw)
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> list[str]:
        texts = [scalar_text(one) for one in (value if isinstance(value, list) else [value])]
        if None in texts:
            raise self.invalid(self._message())
        found = [text for text in texts if text]
        if fault := self._fault(found):
            raise self.invalid(fault)
        return found

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        if not isinstance(raw, list):
            yield from super().templates(raw)
            return
        for index, one in enumerate(raw):
            if self.references and isinstance(one, str) and one:
                yield f"{self.name}.{index}", one

    def takes_at(self, path: str) -> frozenset[str]:
        texts = frozenset({"text", "whole number", "number", "true or false"})
        return texts | {"list"} if path == self.name else texts

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if not isinstance(raw, list):
            return super().map_templates(raw, function)
        return [function(one) if self.references and isinstance(one, str) and one else one for one in raw]

    def value_schema(self) -> dict[str, Any]:
        texts = {"type": "array", "items": {"type": "string"}, "maxItems": self.max_items}
        return {"anyOf": [texts, REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return LinesField(self)

    def _fault(self, texts: list[str]) -> str:
        if len(texts) > self.max_items:
            return self.say(_("“%(label)s” may have at most %(limit)d entries."), limit=self.max_items)
        if any(len(text) > self.max_length for text in texts):
            message = _("Each entry of “%(label)s” may have at most %(limit)d characters.")
            return self.say(message, limit=self.max_length)
        return ""

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be a list of texts."))


@dataclass(frozen=True)
class JsonInput(InputField):
    """A JSON object or list of any shape. Texts inside it may hold references; one alone keeps its type."""

    kind: ClassVar[str] = "json"

    def check_raw(self, raw: Any) -> list[Problem]:
        fault = self._fault(raw)
        return [self.problem("json", fault)] if fault else []

    def clean_value(self, value: Any) -> Any:
        if fault := self._fault(value):
            raise self.invalid(fault)
        return value

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        if self.references:
            yield from _texts(raw, self.name)

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        return _mapped(raw, function) if self.references else raw

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": ["object", "array"]}, REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return JsonField(self)

    def _fault(self, value: Any) -> str:
        if self.references and is_single_reference(value):
            return ""
        if not isinstance(value, dict | list):
            return self.say(_("“%(label)s” must be a JSON object or list."))
        if len(json.dumps(value)) > _LONGEST_JSON:
            return self.say(_("“%(label)s” is longer than %(limit)d characters."), limit=_LONGEST_JSON)
        return ""


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _texts(item, f"{path}.{key}")


def _mapped(value: Any, function: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return function(value) if value else value
    if isinstance(value, dict):
        return {key: _mapped(item, function) for key, item in value.items()}
    return [_mapped(item, function) for item in value] if isinstance(value, list) else value
