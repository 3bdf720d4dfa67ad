"""What a test compares: its operator, how its field is read, and the type of the comparison."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import (
    FIELD_TYPES,
    READINGS,
    Reading,
    WrongType,
    is_metadata,
    number_in,
)
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.operators import OPERATORS, Operator
from stripeflow.workflows.conditions.operators.case import Situation, Unfit, currency_at, money, plain
from stripeflow.workflows.conditions.values import FieldValue, ValueKind
from stripeflow.workflows.conditions.wording import Cause, Label, LabelOf
from stripeflow.workflows.references import MissingValue


@dataclass(frozen=True)
class Comparison:
    """An operator on a field of this type (None is any), which may be read as another one."""

    operator: Operator
    field_type: str | None
    reading: Reading | None = None

    @property
    def type(self) -> str | None:
        """The type that the field is compared as."""
        return self.reading.type if self.reading else self.field_type

    @property
    def fits(self) -> bool:
        can_be_read = self.reading is None or (self.field_type or "any") in self.reading.of
        return can_be_read and self.operator.fits(self.type)

    @property
    def counts(self) -> bool:
        return self.reading is not None and self.reading.key == "count"

    @property
    def needs_currency(self) -> bool:
        """Whether an amount needs its currency here."""
        return self.operator.value_kind is not ValueKind.NONE or self.operator.compares_amounts

    @property
    def values(self) -> str:
        """The `VALUE_TYPES` key of what the field holds."""
        return self.reading.values if self.reading else self.operator.values_of(self.field_type)

    @property
    def expected(self) -> str:
        """The `VALUE_TYPES` key of the test's value."""
        return self.operator.expected_of(self.type)


def comparison_of(test: Test, field_type: str | None) -> Comparison:
    """What a test with an operator compares, if its field is of this type."""
    operator = OPERATORS[test.operator]
    reading = READINGS[test.read_as] if test.read_as else _implied(test, operator, field_type)
    return Comparison(operator, field_type, reading)


def _implied(test: Test, operator: Operator, field_type: str | None) -> Reading | None:
    """How to read a key of metadata for the operator: one that does not compare texts reads a number."""
    if field_type != "string" or operator.fits("string") or not test.field or not is_metadata(test.path):
        return None
    fitting = [entry for entry in READINGS.values() if "string" in entry.of and operator.fits(entry.type)]
    if len(fitting) > 1 and _are_moments(test.value):
        return READINGS["date"]
    return fitting[0] if fitting else None


def _are_moments(value: object) -> bool:
    """Whether the values are texts that are not numbers."""
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        return False
    try:
        for text in texts:
            number_in(str(text))
    except WrongType:
        return True
    return False


# The types that can be compared with each other; all others only with their own kind.
_FAMILIES = {
    "integer": "number",
    "decimal": "number",
    "number_text": "number",
    "date_text": "timestamp",
    "truth_text": "boolean",
    "scalar": "any",
}


def is_comparable(comparison: Comparison, other_type: str | None) -> bool:
    """Whether a field of `other_type` may be the value of such a test."""
    one, other = _family(comparison.expected), _family(_values(comparison, other_type))
    if "money" in {one, other}:
        return one == other
    return one == other or "any" in {one, other}


def value_of(
    other: FieldValue, test: Test, comparison: Comparison, situation: Situation, label_of: LabelOf | None
) -> Any:
    """The value of the other field, as the value of the test. Raises `Unfit`."""
    if not is_comparable(comparison, test.value_type):
        raise Unfit(_("{field} cannot be compared with {other}."), other=Label(other.field, label_of))
    try:
        return _read(other, test, comparison, situation)
    except Unfit as unfit:
        raise Unfit(unfit.why, **{"field": Label(other.field, label_of), **unfit.values}) from unfit


def _read(other: FieldValue, test: Test, comparison: Comparison, situation: Situation) -> Any:
    try:
        raw = situation.at(other.path)
    except MissingValue as error:
        raise Unfit(_("{field} is missing: {why}"), why=Cause(error)) from error
    if test.value_type == "money":
        return money(raw, test.value_currency or currency_at(test.value_currency_path, situation))
    return plain(raw, _values(comparison, test.value_type))


def _values(comparison: Comparison, other_type: str | None) -> str:
    """The `VALUE_TYPES` key of the other field: a text is read as the field is."""
    reading = comparison.reading
    if reading is not None and not comparison.counts and (other_type or "any") in reading.of:
        return reading.values
    is_any = other_type in {None, "any"}
    return comparison.expected if is_any else FIELD_TYPES[str(other_type)].values


def _family(values: str) -> str:
    return _FAMILIES.get(values, values)
