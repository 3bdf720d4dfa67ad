"""Conditions: met, not met or unknown, and why. Pure; semantics and operators: docs/conditions.md."""

from stripeflow.workflows.conditions.checking import check, type_of_test
from stripeflow.workflows.conditions.comparing import Comparison, comparison_of
from stripeflow.workflows.conditions.describing import describe
from stripeflow.workflows.conditions.documents import ConditionError, dump, load
from stripeflow.workflows.conditions.evaluating import evaluate
from stripeflow.workflows.conditions.evaluation import Evaluation
from stripeflow.workflows.conditions.expectations import (
    FieldValue,
    ValueFault,
    ValueKind,
    field_in,
    read_value,
)
from stripeflow.workflows.conditions.field_types import FIELD_TYPES, FieldType
from stripeflow.workflows.conditions.known import FieldInfo, Finder, Problem
from stripeflow.workflows.conditions.missing import MISSING
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import CHANGE_OPERATORS, OPERATORS, Operator, operators_for
from stripeflow.workflows.conditions.other_field import is_comparable
from stripeflow.workflows.conditions.readings import READINGS, Reading
from stripeflow.workflows.conditions.truth import Truth

__all__ = [
    "CHANGE_OPERATORS",
    "FIELD_TYPES",
    "MISSING",
    "OPERATORS",
    "READINGS",
    "Comparison",
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
    "ValueFault",
    "ValueKind",
    "check",
    "comparison_of",
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
