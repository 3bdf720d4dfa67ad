"""Conditions: met, not met or unknown, and why. Pure; semantics and operators: docs/conditions.md."""

from stripeflow.workflows.conditions.checking import FieldInfo, Finder, Problem, check, type_of_test
from stripeflow.workflows.conditions.comparing import Comparison, comparison_of, is_comparable
from stripeflow.workflows.conditions.compiling import Compiled, compile  # noqa: A004
from stripeflow.workflows.conditions.describing import describe
from stripeflow.workflows.conditions.documents import ConditionError, Types, dump, load
from stripeflow.workflows.conditions.evaluating import Evaluation, evaluate
from stripeflow.workflows.conditions.field_types import FIELD_TYPES, READINGS, FieldType, Reading
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import OPERATORS, Operator, operators_for
from stripeflow.workflows.conditions.truth import MISSING, Truth
from stripeflow.workflows.conditions.values import (
    FieldValue,
    ValueFault,
    ValueKind,
    field_in,
    read_value,
)

__all__ = [
    "FIELD_TYPES",
    "MISSING",
    "OPERATORS",
    "READINGS",
    "Comparison",
    "Compiled",
    "ConditionError",
    "Evaluation",
    "FieldInfo",
    "FieldType",
    "FieldValue",
    "Finder",
    "Group",
    "ListTest",
    "Node",
    "Operator",
    "Problem",
    "Reading",
    "Test",
    "Truth",
    "Types",
    "ValueFault",
    "ValueKind",
    "check",
    "comparison_of",
    "compile",
    "describe",
    "dump",
    "evaluate",
    "field_in",
    "is_comparable",
    "load",
    "operators_for",
    "read_value",
    "type_of_test",
]
