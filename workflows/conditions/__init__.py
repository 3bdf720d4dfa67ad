"""Conditions: met, not met or unknown, and why. Pure; semantics and operators: docs/conditions.md."""

from workflows.conditions.checking import check, type_of_test
from workflows.conditions.comparing import Comparison, comparison_of
from workflows.conditions.describing import describe
from workflows.conditions.documents import ConditionError, dump, load
from workflows.conditions.evaluating import evaluate
from workflows.conditions.evaluation import Evaluation
from workflows.conditions.expectations import FieldValue, ValueFault, ValueKind, field_in, read_value
from workflows.conditions.field_types import FIELD_TYPES, FieldType
from workflows.conditions.known import FieldInfo, Finder, Problem
from workflows.conditions.missing import MISSING
from workflows.conditions.nodes import Group, ListTest, Node, Test
from workflows.conditions.operators import CHANGE_OPERATORS, OPERATORS, Operator, operators_for
from workflows.conditions.other_field import is_comparable
from workflows.conditions.readings import READINGS, Reading
from workflows.conditions.truth import Truth

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
