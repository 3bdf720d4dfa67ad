"""Inputs that are a whole list."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.form_fields import TextField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA, REFERENCE_SCHEMA
from stripeflow.actions.inputs.references import is_single_reference
from stripeflow.actions.problems import Problem


@dataclass(frozen=True)
class ListInput(InputField):
    """Exactly one reference to a list, or to one of Stripe's list objects, whose items stand in `data`.

    An empty list is a value. A rendered value is the list.
    """

    kind: ClassVar[str] = "list"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"list", "object"})

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ""

    def check_raw(self, raw: Any) -> list[Problem]:
        if is_single_reference(raw):
            return []
        fault = self.say(_("“%(label)s” must be exactly one reference to a list."))
        return [self.problem("invalid", fault)]

    def clean_value(self, value: Any) -> list[Any]:
        found = value.get("data") if isinstance(value, dict) else value
        if not isinstance(found, list):
            raise self.invalid(self.say(_("“%(label)s” must be a list, and is none in this run.")))
        return found

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [REFERENCE_SCHEMA, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)
