"""What an operator is. One table (`OPERATORS`) is read by evaluator, admin, API and docs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import FIELD_TYPES
from stripeflow.workflows.conditions.operators import judging
from stripeflow.workflows.conditions.operators.quick import Quick
from stripeflow.workflows.conditions.values import ValueKind

_BESIDE = _("{field} was {seen}, which {phrase} {value}.")


@dataclass(frozen=True)
class Operator:
    """One operator. `label` says that it holds ("is greater than"), `contrary` that it does not.

    `types` are the field types that it fits; fields of any type are read as `any_as` (`VALUE_TYPES`).
    `told` is the sentence on its result. Only with `sees_missing` is `judge` given a missing value. `quick`
    is a cheap test that may only say no: see `operators.quick`.
    """

    key: str
    label: Promise
    contrary: Promise
    types: frozenset[str]
    value_kind: ValueKind
    judge: judging.Judge
    help_text: Promise
    any_as: str = "scalar"
    told: Promise = _BESIDE
    sees_missing: bool = False
    quick: Quick | None = None

    def values_of(self, type_key: str | None) -> str:
        """The `VALUE_TYPES` key of what a field of this type holds, as this operator sees it."""
        return self.any_as if type_key in {None, "any"} else FIELD_TYPES[str(type_key)].values

    def expected_of(self, type_key: str | None) -> str:
        """The `VALUE_TYPES` key of the test's value: for lists, that of one plain item."""
        values = self.values_of(type_key)
        return "scalar" if values == "list" else values

    def fits(self, type_key: str | None) -> bool:
        return (type_key or "any") in self.types
