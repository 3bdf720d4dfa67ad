from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stripeflow.workflows.conditions import OPERATORS, Truth, compile, evaluate  # noqa: A004
from stripeflow.workflows.conditions.operators.quick import surely_not_met
from stripeflow.workflows.references.scope import Scope
from tests.workflows.conditions.judging import Seen, document_of
from tests.workflows.conditions.operator_cases import TABLE

NOW = datetime(2026, 1, 1, tzinfo=UTC)

VALUES = st.sampled_from(
    [None, True, False, 0, 1, 2, 1.0, 1.5, "", "a", "A", "b", "usd", "eur", "1", [], ["a"], {}, {"a": 1}]
)
MONEY = st.builds(lambda amount, currency: {"amount": amount, "currency": currency}, VALUES, VALUES)
TYPES = st.sampled_from([None, "string", "enum", "id", "integer", "decimal", "money", "boolean", "any"])
TESTS = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["trigger.one", "trigger.two", "trigger.none", "trigger.deep.one"]),
        "operator": st.sampled_from(sorted(OPERATORS)),
        "value": VALUES | MONEY,
        "type": TYPES,
    },
    optional={"currency_field": st.just("trigger.two")},
)
TREES = st.recursive(
    TESTS,
    lambda children: st.fixed_dictionaries(
        {"match": st.sampled_from(["all", "any", "none"]), "conditions": st.lists(children, max_size=3)}
    ),
    max_leaves=6,
)


def tree(*conditions, match="all"):
    return {"match": match, "conditions": list(conditions)}


def compare(field, operator, value=None, type_key=None):
    return {"field": f"trigger.{field}", "operator": operator, "value": value, "type": type_key}


def says_no(document, **trigger):
    event = SimpleNamespace(object=trigger, payload={})
    return surely_not_met(compile(document).needs, Scope.of_event(event))


@given(st.lists(TREES, max_size=3), st.sampled_from(["all", "any", "none"]), VALUES, VALUES)
@example([compare("one", "equal", "a", "string")], "all", "a", None)
def test_what_is_surely_not_met_is_never_met(conditions, match, one, two):
    compiled = compile(tree(*conditions, match=match))
    scope = {"trigger": {"one": one, "two": two, "deep": {"one": two}}}
    if surely_not_met(compiled.needs, scope):
        assert evaluate(compiled, scope, now=NOW, previous_attributes=None).truth is not Truth.MET


@pytest.mark.parametrize(
    ("condition", "seen"),
    [
        (compare("one", "equal", "a", "string"), "b"),
        (compare("one", "is_true"), False),
        (compare("one", "is_false"), True),
        (compare("one", "greater_than", 5, "integer"), 5),
        (compare("one", "less_than", {"amount": 5, "currency": "usd"}, "money"), 5),
    ],
)
def test_a_plain_comparison_that_fails_is_seen_at_once(condition, seen):
    assert says_no(tree(condition), one=seen)
    assert says_no(tree(tree(condition)), one=seen)
    assert not says_no(tree(condition, match="any"), one=seen)
    assert not says_no(tree(condition, match="none"), one=seen)


@pytest.mark.parametrize("key", OPERATORS)
def test_no_operator_takes_a_quick_no_for_what_is_met(key):
    """Each value of the operator's table: those that are met pass the first look."""
    for (operator, kind), rows in TABLE.items():
        needs = compile(tree(document_of(operator, kind, rows.value))).needs if operator == key else ()
        assert not [value for value in rows.met if surely_not_met(needs, as_seen(value).scope)]


@pytest.mark.parametrize("key", [key for key, operator in OPERATORS.items() if operator.quick])
def test_a_quick_test_says_no_to_something(key):
    said = [
        value
        for (operator, kind), rows in TABLE.items()
        for value in rows.not_met
        if operator == key
        and surely_not_met(compile(tree(document_of(key, kind, rows.value))).needs, as_seen(value).scope)
    ]
    assert said


def as_seen(value):
    return value if isinstance(value, Seen) else Seen(value)


def test_a_missing_value_and_another_type_are_left_to_the_evaluation():
    assert not says_no(tree(compare("one", "equal", "a", "string")))
    assert not says_no(tree(compare("one", "equal", "a", "string")), one=1)
    assert not says_no(tree(compare("one", "equal", "a", "string")), one=None)
