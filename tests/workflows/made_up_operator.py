"""An operator of a host's own, which tests register: whole amounts and numbers that another one divides."""

from stripeflow.workflows.conditions.operators import Case, Need, Operator, Truth, ValueKind


def _divides(case: Case) -> Truth:
    return Truth.of(case.value % case.expected == 0)


def _quick(test, expected):
    is_whole = test.type == "integer" and type(expected) is int
    return Need(test.path, int, lambda seen, by: seen % by == 0, expected) if is_whole else None


DIVISIBLE = Operator(
    key="acme_divisible_by",
    label="is divisible by",
    contrary="is not divisible by",
    types=frozenset({"integer", "any"}),
    value_kind=ValueKind.ONE,
    judge=_divides,
    help_text="Whole numbers only.",
    any_as="integer",
    quick=_quick,
)
