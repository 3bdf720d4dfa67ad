"""The operators of tests, and what they are given to judge."""

from stripeflow.workflows.conditions.operators.builtin import (
    CHANGE_OPERATORS,
    MOVES,
    OPERATORS,
    operators_for,
)
from stripeflow.workflows.conditions.operators.registry import Operator

__all__ = ["CHANGE_OPERATORS", "MOVES", "OPERATORS", "Operator", "operators_for"]
