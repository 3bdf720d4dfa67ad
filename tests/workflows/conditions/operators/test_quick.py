from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stripeflow.workflows.conditions import OPERATORS, Truth, evaluate, load
from stripeflow.workflows.conditions.operators.quick import needs_of, surely_not_met

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
    return surely_not_met(needs_of(load(document)), {"trigger": trigger})


@given(st.lists(TREES, max_size=3), st.sampled_from(["all", "any", "none"]), VALUES, VALUES)
@example([compare("one", "equal", "a", "string")], "all", "a", None)
def test_what_is_surely_not_met_is_never_met(conditions, match, one, two):
    node = load(tree(*conditions, match=match))
    scope = {"trigger": {"one": one, "two": two, "deep": {"one": two}}}
    if surely_not_met(needs_of(node), scope):
        assert evaluate(node, scope, now=NOW, previous_attributes=None).truth is not Truth.MET


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


def test_a_missing_value_and_another_type_are_left_to_the_evaluation():
    assert not says_no(tree(compare("one", "equal", "a", "string")))
    assert not says_no(tree(compare("one", "equal", "a", "string")), one=1)
    assert not says_no(tree(compare("one", "equal", "a", "string")), one=None)
