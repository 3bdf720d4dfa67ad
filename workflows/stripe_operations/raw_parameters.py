"""The parameters of a raw request: rows of a name as Stripe's form encoding has it, and a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import RowsField
from stripeflow.actions.inputs.rows import RowsInput
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.wording import worded
from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.marks import ONLY_OFF, WITHHELD
from stripeflow.workflows.stripe_operations.operations import Operation
from stripeflow.workflows.stripe_operations.parameters import Kind, Parameter, Shape, parameters

_NAME = re.compile(r"[a-z][a-z0-9_]*(\[[A-Za-z0-9_\-.:]*\])*")
_PART = re.compile(r"[^\[\]]+")
# The SDK takes these for itself, out of what is to be sent: a key, an account, another host.
_OF_SDK = frozenset(
    [
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
        "base",
        "usage",
        "method_",
        "url_",
        "self",
    ]
)
_LONGEST_VALUE = 5000


@dataclass(frozen=True)
class ParametersInput(RowsInput):
    """Rows of name and value. An empty value empties the field at Stripe."""

    kind: ClassVar[str] = "parameters"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number", "number", "true or false"})
    name_key: ClassVar[str] = "name"

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Any]:
        problems = super().check_row(index, row, earlier=earlier)
        fault = "" if problems else self._name_fault(row["name"], [one["name"] for one in earlier])
        return [*problems, *([self.problem("name", fault, path=f"{index}.name")] if fault else [])]

    def clean_value(self, value: Any) -> list[dict[str, str]]:
        rows = super().clean_value(value)
        if len(rows) > self.max_rows:
            raise self.invalid(self.say(_("“%(label)s” has more than %(limit)d rows."), limit=self.max_rows))
        for index, row in enumerate(rows):
            if fault := self._name_fault(row["name"], [one["name"] for one in rows[:index]]):
                raise self.invalid(fault)
        return rows

    def clean_cell(self, row: dict[str, Any]) -> str:
        text = scalar_text(row["value"])
        if text is None or len(text) > _LONGEST_VALUE:
            message = _(
                "The value of “%(name)s” must be a text of at most 5,000 characters, and is missing, a "
                "list, an "
                "object or longer."
            )
            raise self.invalid(worded(message, names={"name": row["name"]}))
        return text

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Name"))

    def name_missing(self) -> str:
        return worded(_("A parameter needs a name."))

    def _name_fault(self, name: str, earlier: list[str]) -> str:
        names = {"name": name}
        if not _NAME.fullmatch(name) or len(name) > 200:
            message = _(
                "“%(name)s” is no name of a parameter. Write it as Stripe does: metadata[key], "
                "items[0][price]."
            )
            return worded(message, names=names)
        if _PART.findall(name)[0] in _OF_SDK:
            return worded(_("“%(name)s” cannot be sent as a parameter."), names=names)
        return worded(_("“%(name)s” is given twice."), names=names) if name in earlier else ""


def sent(rows: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """What is sent for cleaned rows."""
    return {row["name"]: row["value"] for row in rows}


def path_of(name: str) -> str:
    """The dotted path of a parameter, without places in lists: "items[0][price]" gives "items.price"."""
    return ".".join(part for part in _PART.findall(name) if not part.isdigit())


def withheld(operation: Operation, name: str) -> bool:
    """Whether the parameter is not offered for this operation, or lies in one that is not."""
    path, kept = path_of(name), WITHHELD.get(operation.key, frozenset())
    return any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in kept)


def is_spelled_oddly(operation: Operation, name: str) -> bool:
    """Whether it is a parameter that the limits count, written in another way than they read it."""
    counted, path = COUNTED.get(operation.key), path_of(name)
    if counted is None or path == name:
        return False
    return path in (counted.input, counted.switch, "currency", "customer", "customer_account")


def turned_on(operation: Operation, row: Mapping[str, str]) -> bool:
    """Whether the row turns on a switch that may only be turned off here."""
    return ONLY_OFF.get(operation.key) == path_of(row["name"]) and row["value"] != "false"


def is_known(operation: Operation, name: str) -> bool:
    """Whether the installed SDK has the parameter for this operation."""
    found = parameters(*operation.params) if operation.params else ()
    return _is_in(found, path_of(name).split("."))


def _is_in(found: tuple[Parameter, ...], path: list[str]) -> bool:
    own = next((one for one in found if one.name == path[0]), None)
    return own is not None and (len(path) == 1 or _is_below(own.shape, path[1:]))


def _is_below(shape: Shape, path: list[str]) -> bool:
    if shape.kind is Kind.LIST and shape.item is not None:
        return _is_below(shape.item, path)
    if shape.kind is Kind.OBJECT:
        return _is_in(shape.fields, path)
    return shape.kind in (Kind.MAP, Kind.ANY)
