"""The operators of tests, what they are given to judge, and the registry that apps add theirs to."""

from stripeflow.workflows.conditions.operators import builtin  # noqa: F401 - registers them
from stripeflow.workflows.conditions.operators.case import Case, Unfit
from stripeflow.workflows.conditions.operators.quick import Need
from stripeflow.workflows.conditions.operators.registry import (
    OPERATORS,
    DuplicateOperator,
    Operator,
    operators_for,
    register,
    temporarily,
)
from stripeflow.workflows.conditions.truth import Truth
from stripeflow.workflows.conditions.values import ValueKind

__all__ = [
    "OPERATORS",
    "Case",
    "DuplicateOperator",
    "Need",
    "Operator",
    "Truth",
    "Unfit",
    "ValueKind",
    "operators_for",
    "register",
    "temporarily",
]
