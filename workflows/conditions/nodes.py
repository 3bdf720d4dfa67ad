"""The nodes of a condition tree. `documents.load` makes them, and is the only way to be sure of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stripeflow.workflows.conditions.values import ValueFault, field_in
from stripeflow.workflows.references import Path, parse_path


@dataclass(frozen=True)
class Test:
    """One field, one operator, one value. An empty field or operator has not been chosen yet.

    `type` is a field type of the catalogue, or None for any; `currency_field` is the path of a money field's
    currency, or `currency` the code where no path leads to it. The value of a money test is
    `{"amount": <minor units>, "currency": "usd"}`. `read_as` is a key of the `READINGS`. A value that is
    another field has its own type and currency.
    """

    field: str
    operator: str
    value: Any = None
    type: str | None = None
    currency_field: str | None = None
    read_as: str | None = None
    value_type: str | None = None
    value_currency_field: str | None = None
    currency: str | None = None
    value_currency: str | None = None

    @cached_property
    def path(self) -> Path:
        return parse_path(self.field)

    @cached_property
    def value_path(self) -> Path | None:
        """The path of the field that the value is; None for a value of its own."""
        try:
            other = field_in(self.value)
        except ValueFault:
            return None
        return other.path if other else None

    @cached_property
    def value_currency_path(self) -> Path | None:
        return parse_path(self.value_currency_field) if self.value_currency_field else None

    @cached_property
    def currency_path(self) -> Path | None:
        return parse_path(self.currency_field) if self.currency_field else None


@dataclass(frozen=True)
class ListTest:
    """Conditions on each item of a list, which they call `item`.

    `quantifier` says of how many items they have to hold (any, all, none), `match` how many of the
    conditions have to hold for one item.
    """

    field: str
    quantifier: str
    match: str
    conditions: "tuple[Node, ...]"
    type: str | None = None

    @cached_property
    def path(self) -> Path:
        return parse_path(self.field)


@dataclass(frozen=True)
class Group:
    """Conditions of which all, any or none have to be met."""

    match: str
    conditions: "tuple[Node, ...]"


Node = Group | Test | ListTest
