"""An input that is a list of objects, each with the same fields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA
from stripeflow.actions.naming import with_close
from stripeflow.actions.problems import Problem
from stripeflow.actions.records_field import RecordsField


@dataclass(frozen=True)
class RecordsInput(InputField):
    """A list of objects: [{"price": "price_1", "quantity": 2}]. Each of `fields` is an input of its own.

    Those of `fields` that are `advanced` are shown on demand. A field's name may hold dots, but no hyphen.
    """

    fields: tuple[InputField, ...] = ()
    max_rows: int = 50

    kind: ClassVar[str] = "records"
    empty_value: ClassVar[Any] = []

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
            return [self.problem("type", self._message())]
        if len(raw) > self.max_rows:
            message = self.say(_("“%(label)s” may have at most %(limit)d entries."), limit=self.max_rows)
            return [self.problem("too_many", message)]
        return [problem for index, row in enumerate(raw) for problem in self._check_row(index, row)]

    def clean_value(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.invalid(self._message())
        try:
            return [{one.name: one.clean(row.get(one.name)) for one in self.fields} for row in value]
        except InvalidInput as error:
            raise self.invalid(error.message) from error

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        for index, row in enumerate(raw if isinstance(raw, list) else []):
            for one in self.fields if isinstance(row, dict) else ():
                for path, text in one.templates(row.get(one.name)):
                    yield f"{self.name}.{index}.{path}", text

    def takes_at(self, path: str) -> frozenset[str]:
        _index, _dot, inner = path.removeprefix(f"{self.name}.").partition(".")
        for one in self.fields:
            if inner == one.name or inner.startswith(f"{one.name}."):
                return one.takes_at(inner)
        return self.takes

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if self.is_empty(raw):
            return raw
        own = {one.name: one for one in self.fields}
        return [
            {
                name: own[name].map_templates(value, function) if name in own else value
                for name, value in row.items()
            }
            for row in raw
        ]

    def value_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "additionalProperties": False,
            "properties": {one.name: one.json_schema() for one in self.fields},
        }
        return {"anyOf": [{"type": "array", "items": row, "maxItems": self.max_rows}, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return RecordsField(self)

    def _check_row(self, index: int, row: dict[str, Any]) -> Iterator[Problem]:
        names = [one.name for one in self.fields]
        for name in row:
            if name not in names:
                message = self.say(_("“%(name)s” is not a field of “%(label)s”."), name=name)
                yield self.problem("unknown_input", with_close(message, name, names), path=f"{index}.{name}")
        for one in self.fields:
            for problem in one.check(row.get(one.name)):
                yield self.problem(problem.code, problem.message, path=f"{index}.{problem.path}")

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be a list of objects."))
