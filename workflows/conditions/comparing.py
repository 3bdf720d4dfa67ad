"""What a test compares: its operator, how its field is read, and the type that it is compared as."""

from dataclasses import dataclass

from stripeflow.workflows.conditions.expectations import ValueKind
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.operators import MOVES, OPERATORS, Operator
from stripeflow.workflows.conditions.readings import READINGS, Reading, is_metadata
from stripeflow.workflows.conditions.typed_texts import WrongType, number_in


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
        """Whether an amount is of use here only with its currency."""
        return self.operator.value_kind is not ValueKind.NONE or self.operator.key in MOVES

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
    """How a key of metadata has to be read for the operator: what says nothing of texts means the number."""
    if field_type != "string" or operator.fits("string") or not test.field or not is_metadata(test.path):
        return None
    fitting = [entry for entry in READINGS.values() if "string" in entry.of and operator.fits(entry.type)]
    if len(fitting) > 1 and _are_moments(test.value):
        return READINGS["date"]
    return fitting[0] if fitting else None


def _are_moments(value: object) -> bool:
    """Whether the values are texts, and those of no numbers."""
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        return False
    try:
        for text in texts:
            number_in(text)
    except WrongType:
        return True
    return False
