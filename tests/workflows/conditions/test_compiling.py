from datetime import UTC, datetime

import pytest
from django.utils import translation

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import ConditionError, Truth
from stripeflow.workflows.conditions.compiling import ReadyList, ReadyTest, UnfitTest
from tests.workflows.conditions.operator_cases import usd

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = {
    "field": "trigger.amount",
    "operator": "greater_than",
    "value": usd(500),
    "type": "money",
    "currency_field": "trigger.currency",
}
OLDER = {"field": "trigger.created", "operator": "before", "value": "{{ trigger.due }}", "type": "timestamp"}
LISTED = {"field": "trigger.items", "quantifier": "any", "match": "all", "conditions": [LARGE, OLDER]}
UNFIT = {"field": "trigger.amount", "operator": "greater_than", "value": "many", "type": "money"}
PAYMENT = {"amount": 600, "currency": "usd", "created": 1, "due": 2, "items": [{"amount": 1}, {"amount": 2}]}


def group(*children):
    return {"match": "all", "conditions": list(children)}


def evaluate(compiled):
    return conditions.evaluate(compiled, {"trigger": PAYMENT}, now=NOW, previous_attributes=None)


def test_a_test_holds_its_operator_its_value_and_its_document():
    (test,) = conditions.compile(group(LARGE)).root.children
    assert isinstance(test, ReadyTest)
    assert test.operator is conditions.OPERATORS["greater_than"]
    assert (test.expected.amount, test.expected.currency) == (500, "usd")
    assert test.document == LARGE


def test_a_list_holds_the_tests_of_its_items():
    (found,) = conditions.compile(group(LISTED)).root.children
    assert isinstance(found, ReadyList)
    assert [child.document for child in found.each.children] == [LARGE, OLDER]


def test_evaluating_reads_no_value_and_writes_no_document(monkeypatch):
    compiled = conditions.compile(group(LARGE, OLDER, LISTED, UNFIT))
    for name in ("comparing.comparison_of", "compiling.read_value", "compiling.dump", "values.field_in"):
        monkeypatch.setattr(f"stripeflow.workflows.conditions.{name}", None)
    assert [child.truth for child in evaluate(compiled).children[:2]] == [Truth.MET, Truth.MET]


@pytest.mark.parametrize("test", [{"field": ""}, {"operator": ""}, {"type": "boolean"}, {"value": "many"}])
def test_what_no_event_can_decide_is_unknown_from_the_start(test):
    compiled = conditions.compile(group({**LARGE, **test}))
    assert isinstance(compiled.root.children[0], UnfitTest)
    assert evaluate(compiled).truth is Truth.UNKNOWN
    assert compiled.needs == ()


def test_why_a_value_is_not_valid_is_in_the_language_of_its_reader():
    with translation.override("ja"):
        compiled = conditions.compile(group(UNFIT))
    (test,) = evaluate(compiled).children
    with translation.override("en"):
        assert test.reason.endswith("is not valid: Give an amount and its currency.")
    with translation.override("ja"):
        assert "Give an amount" not in test.reason


def test_a_document_of_another_structure_is_refused():
    with pytest.raises(ConditionError, match="missing"):
        conditions.compile({"match": "all"})
