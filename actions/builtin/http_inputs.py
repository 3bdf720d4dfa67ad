"""The inputs of a request: its path, its rows of names and values, and statuses."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.errors import ActionError
from stripeflow.actions.form_fields import RowsField, TextField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import holds_reference, parts
from stripeflow.actions.inputs.rows import RowsInput
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.outbound import check_header, origin_of
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded

_STATUSES = re.compile(r"[1-5]\d\d(?:[\s,]+[1-5]\d\d){0,19}", re.ASCII)
# Whose values let somebody in; the connection sets them, from a secret.
_CREDENTIALS = frozenset(
    {"authorization", "api-key", "apikey", "x-api-key", "x-auth-token", "x-access-token", "x-signature"}
)
# In place of a value that cannot be in a path.
_UNUSABLE = "{}"


@dataclass(frozen=True)
class PathInput(InputField):
    """A path that begins with a slash. The value of a reference is encoded, and stays within its segment."""

    max_length: int = 2000

    kind: ClassVar[str] = "path"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number", "number", "true or false"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, str):
            return [self.problem("type", self.say(_("“%(label)s” must be a text.")))]
        fault = self._fault("".join("a" if is_reference else text for is_reference, text in parts(raw)))
        return [self.problem("path", fault)] if fault else []

    def clean_value(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.invalid(self.say(_("“%(label)s” must be a text.")))
        if _UNUSABLE in value:
            message = _("A reference in “%(label)s” gives no text in this run, and the path needs one.")
            raise self.invalid(self.say(message))
        if fault := self._fault(value):
            raise self.invalid(fault)
        return value

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        if isinstance(raw, str) and raw:
            yield self.name, raw

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if not isinstance(raw, str):
            return raw
        return "".join(
            _encoded(function(text)) if is_reference else text for is_reference, text in parts(raw)
        )

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.max_length}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)

    def _fault(self, path: str) -> str:
        if len(path) > self.max_length:
            message = _("“%(label)s” must be at most %(limit)d characters long.")
            return self.say(message, limit=self.max_length)
        if not path.startswith("/"):
            return self.say(_("“%(label)s” must begin with “/”. The connection says the host."))
        if "?" in path:
            return self.say(_("“%(label)s” must not hold a query: fill it in below."))
        try:
            origin_of(f"https://host.example{path}")
        except ActionError:
            return self.say(
                _(
                    "“%(label)s” must be a path such as “/orders/7”, with blanks and other characters "
                    "encoded, and without “.” and “..”."
                )
            )
        return ""


@dataclass(frozen=True)
class ValuesInput(RowsInput):
    """Rows of a name and a value, sent in their order."""

    kind: ClassVar[str] = "values"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number", "number", "true or false"})
    name_key: ClassVar[str] = "name"
    max_value_length: ClassVar[int] = 5000

    def clean_cell(self, row: dict[str, Any]) -> str:
        names = {"name": row["name"]}
        text = scalar_text(row["value"])
        if text is None:
            message = _("The value of “%(name)s” must be a text, and is missing, a list or an object.")
            raise self.invalid(worded(message, names=names))
        if len(text) > self.max_value_length:
            message = _("The value of “%(name)s” is longer than 5,000 characters.")
            raise self.invalid(worded(message, names=names))
        return text

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Name"))

    def name_missing(self) -> str:
        return worded(_("A value needs a name."))


@dataclass(frozen=True)
class HeadersInput(ValuesInput):
    """Rows of a header's name, fixed by the author, and its value."""

    max_rows: int = 20

    kind: ClassVar[str] = "headers"

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        problems = super().check_row(index, row, earlier=earlier)
        if problems:
            return problems
        literal = None if holds_reference(row["value"]) else row["value"]
        fault = self._name_fault(row["name"], [other["name"] for other in earlier], literal)
        return [self.problem("header", fault, path=f"{index}.name")] if fault else []

    def clean_value(self, value: Any) -> list[dict[str, str]]:
        rows = super().clean_value(value)
        for index, row in enumerate(rows):
            earlier = [other["name"] for other in rows[:index]]
            if fault := self._name_fault(row["name"], earlier, row["value"]):
                raise self.invalid(fault)
        return rows

    def _name_fault(self, name: str, earlier: list[str], value: str | None) -> str:
        names, lower = {"name": name}, name.lower()
        if lower in _CREDENTIALS:
            message = _(
                "The header “%(name)s” lets somebody in, so it does not belong into a step. Let the "
                "connection set it, from a secret."
            )
            return worded(message, names=names)
        if lower in ("content-type", "idempotency-key"):
            return worded(_("The header “%(name)s” is set by the step itself."), names=names)
        if lower in [other.lower() for other in earlier]:
            return worded(_("The header “%(name)s” is given twice."), names=names)
        try:
            check_header(name, value)
        except ActionError as error:
            return error.message
        return ""


@dataclass(frozen=True)
class StatusesInput(InputField):
    """Some statuses of HTTP, with commas between them; `run` gets a list of whole numbers."""

    references: bool = False

    kind: ClassVar[str] = "statuses"
    empty_value: ClassVar[Any] = []

    def check_raw(self, raw: Any) -> list[Problem]:
        if isinstance(raw, str) and _STATUSES.fullmatch(raw.strip()):
            return []
        return [self.problem("statuses", self._message())]

    def clean_value(self, value: Any) -> list[int]:
        if isinstance(value, list) and all(isinstance(one, int) for one in value):
            return value
        if self.check_raw(value):
            raise self.invalid(self._message())
        return [int(one) for one in re.split(r"[\s,]+", value.strip())]

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be statuses such as “404, 409”."))


def _encoded(value: Any) -> str:  # noqa: ANN401  what a reference gives
    text = scalar_text(value)
    return quote(text, safe="") if text else _UNUSABLE
