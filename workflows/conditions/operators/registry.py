"""Which operators there are: one table (`OPERATORS`), read by evaluator, admin, API and docs.

Each installed app may register its own in a `stripeflow_operators.py`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import FIELD_TYPES, VALUE_TYPES
from stripeflow.workflows.conditions.operators import judging
from stripeflow.workflows.conditions.operators.quick import Quick
from stripeflow.workflows.conditions.values import ValueKind

# As long as the column that keeps it.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_BESIDE = _("{field} was {seen}, which {phrase} {value}.")


@dataclass(frozen=True)
class Operator:
    """One operator. `label` says that it holds ("is greater than"), `contrary` that it does not.

    `types` are the field types that it fits; fields of any type are read as `any_as` (`VALUE_TYPES`).
    `sentence` says its result. Only with `sees_missing` is `judge` given a missing value. `quick`
    is a cheap test that may only say no: see `operators.quick`. `asks_earlier`: it compares with what the
    field was before the event; `compares_amounts`: amounts with each other, and the test has no value.
    """

    key: str
    label: Promise
    contrary: Promise
    types: frozenset[str]
    value_kind: ValueKind
    judge: judging.Judge
    help_text: Promise
    any_as: str = "scalar"
    sentence: Promise = _BESIDE
    sees_missing: bool = False
    quick: Quick | None = None
    asks_earlier: bool = False
    compares_amounts: bool = False

    def values_of(self, type_key: str | None) -> str:
        """The `VALUE_TYPES` key of what a field of this type holds, as this operator sees it."""
        return self.any_as if type_key in {None, "any"} else FIELD_TYPES[str(type_key)].values

    def expected_of(self, type_key: str | None) -> str:
        """The `VALUE_TYPES` key of the test's value: for lists, that of one plain item."""
        values = self.values_of(type_key)
        return "scalar" if values == "list" else values

    def fits(self, type_key: str | None) -> bool:
        return (type_key or "any") in self.types


class DuplicateOperator(ValueError):
    """Two operators claim the same key."""


OPERATORS: dict[str, Operator] = {}


def register(operator: Operator) -> Operator:
    """Add an operator behind the others.

    Raises DuplicateOperator, or ImproperlyConfigured if its key, its types or its texts cannot be used.
    """
    _check(operator)
    if operator.key in OPERATORS:
        raise DuplicateOperator(f"The operator {operator.key!r} is registered already.")
    OPERATORS[operator.key] = operator
    return operator


@contextmanager
def temporarily(operator: Operator) -> Iterator[Operator]:
    """Register an operator for the length of a test."""
    register(operator)
    try:
        yield operator
    finally:
        del OPERATORS[operator.key]


def operators_for(type_key: str | None) -> tuple[Operator, ...]:
    """The operators that fit a field of this type (None is any), in the order of the table."""
    return tuple(entry for entry in OPERATORS.values() if entry.fits(type_key))


def _check(operator: Operator) -> None:
    if not _KEY.fullmatch(operator.key):
        raise ImproperlyConfigured(
            f"{operator.key!r} is no key: letters from a to z, digits and “_”, at most 50."
        )
    if not operator.types or not operator.types <= FIELD_TYPES.keys():
        known = ", ".join(FIELD_TYPES)
        raise ImproperlyConfigured(f"The operator {operator.key!r} needs types, of {known}.")
    if operator.any_as not in VALUE_TYPES:
        known = ", ".join(VALUE_TYPES)
        raise ImproperlyConfigured(f"The operator {operator.key!r} reads any value as one of {known}.")
    # A lazy text is not looked at: languages may not be ready yet.
    texts = (operator.label, operator.contrary, operator.help_text)
    if "" in [text for text in texts if isinstance(text, str)]:
        raise ImproperlyConfigured(f"The operator {operator.key!r} needs label, contrary and help_text.")
