"""An amount of money."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.form_fields import MoneyField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA, REFERENCE_SCHEMA
from stripeflow.actions.inputs.references import is_single_reference
from stripeflow.actions.problems import Problem


@dataclass(frozen=True)
class MoneyInput(InputField):
    """An amount: {"amount": minor units, "currency": "usd"}, or exactly one reference to minor units.

    `currency_input` names another input that says the currency where a reference gives only a number.
    """

    currency_input: str | None = None
    minimum: int = 1

    kind: ClassVar[str] = "money"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"whole number"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.references and is_single_reference(raw):
            return []
        fault = self.fault(raw) if isinstance(raw, dict) else self._shape()
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> dict[str, Any] | int:
        """Return {"amount", "currency"}, or an integer in minor units where no currency is known."""
        if isinstance(value, bool) or not isinstance(value, int | dict):
            raise self.invalid(self.say(_("“%(label)s” must be a whole number of minor units.")))
        fault = self._amount_fault(value) if isinstance(value, int) else self.fault(value)
        if fault:
            raise self.invalid(fault)
        return value if isinstance(value, int) else {**value, "currency": value["currency"].lower()}

    def fault(self, value: dict[str, Any]) -> str:
        """Return what is wrong with an amount and its currency, as a sentence, or ""."""
        amount, currency = value.get("amount"), value.get("currency")
        if set(value) != {"amount", "currency"} or isinstance(amount, bool) or not isinstance(amount, int):
            return self._shape()
        if not isinstance(currency, str) or not money.is_currency(currency):
            return self.say(_("“%(label)s” needs a currency that Stripe knows."))
        if fault := money.amount_fault(amount, currency):
            return fault
        return self._amount_fault(amount)

    def currency_of(self, inputs: Mapping[str, Any]) -> str | None:
        """Return the currency of this input among cleaned `inputs`, lower-case, or None if unknown."""
        value = inputs.get(self.name)
        if isinstance(value, dict):
            return value["currency"].lower()
        other = inputs.get(self.currency_input) if self.currency_input else None
        return other.lower() if other else None

    def amount_of(self, inputs: Mapping[str, Any]) -> int | None:
        """Return the minor units of this input among cleaned `inputs`, or None if it is empty."""
        value = inputs.get(self.name)
        return value["amount"] if isinstance(value, dict) else value

    def value_schema(self) -> dict[str, Any]:
        amount = {
            "type": "object",
            "additionalProperties": False,
            "required": ["amount", "currency"],
            "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
        }
        return {"anyOf": [amount, REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return MoneyField(self)

    def _amount_fault(self, amount: int) -> str:
        if amount < self.minimum:
            return (
                self.say(_("“%(label)s” must be more than zero."))
                if self.minimum
                else self.say(_("“%(label)s” is negative."))
            )
        return ""

    def _shape(self) -> str:
        return self.say(_("“%(label)s” must be an amount with its currency, or one dynamic reference."))
