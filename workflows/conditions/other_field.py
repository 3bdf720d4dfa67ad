"""A test whose value is another field: what that field has to be, and what it holds."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.case import currency_at, money, plain
from stripeflow.workflows.conditions.comparing import Comparison
from stripeflow.workflows.conditions.expectations import FieldValue
from stripeflow.workflows.conditions.field_types import FIELD_TYPES
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.sentences import Cause
from stripeflow.workflows.conditions.shown import Label, LabelOf
from stripeflow.workflows.conditions.situation import Situation, Unfit
from stripeflow.workflows.references import MissingValue

# What can be compared with each other, by what is read; all others only with their own kind.
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
    """What the other field holds, as the value of the test. Raises `Unfit`."""
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
    """The `VALUE_TYPES` key of what the other field holds: a text is read as the field is."""
    reading = comparison.reading
    if reading is not None and not comparison.counts and (other_type or "any") in reading.of:
        return reading.values
    is_any = other_type in {None, "any"}
    return comparison.expected if is_any else FIELD_TYPES[str(other_type)].values


def _family(values: str) -> str:
    return _FAMILIES.get(values, values)
