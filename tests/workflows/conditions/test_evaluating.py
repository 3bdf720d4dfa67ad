import json

import pytest

from stripeflow.workflows.conditions import MISSING
from tests.workflows.conditions.judging import MET, NOT_MET, evaluate, evaluate_test
from tests.workflows.conditions.operator_cases import usd

ITEM = {"field": "item.id", "operator": "equal", "value": "x", "type": "id"}


def over(quantifier, *conditions, field="trigger.items"):
    test = {"field": field, "quantifier": quantifier, "match": "all", "conditions": list(conditions)}
    return {"match": "all", "conditions": [test]}


def test_json_reads_without_code():
    test = {
        "field": "trigger.amount",
        "operator": "greater_than",
        "value": usd(100_000),
        "type": "money",
        "currency_field": "trigger.currency",
    }
    scope = {"trigger": {"amount": 99_900, "currency": "usd"}}
    assert evaluate({"match": "all", "conditions": [test]}, scope).to_json() == {
        "truth": "not_met",
        "reason": "At least one condition is not met, and all have to be.",
        "node": {"match": "all"},
        "children": [
            {
                "truth": "not_met",
                "reason": "Amount was $999.00 USD, which is not greater than $1,000.00 USD.",
                "node": test,
                "seen": 99_900,
            }
        ],
    }


def test_missing_and_null_are_kept_apart():
    assert "seen" not in evaluate_test("equal", "string", "a", MISSING).to_json()
    assert evaluate_test("equal", "string", "a", None).to_json()["seen"] is None


@pytest.mark.parametrize("seen", ["a", None, MISSING, 5, ["x"] * 30, "x" * 500])
def test_json_comes_back_as_the_same_json(seen):
    document = evaluate_test("is_present", "any", None, seen).to_json()
    assert json.loads(json.dumps(document)) == document


def test_a_tree_is_written_with_its_parts():
    scope = {"trigger": {"items": [{"id": "x"}] * 25}}
    document = evaluate(over("all", ITEM), scope).to_json()
    assert document["truth"] == "met"
    (listed,) = document["children"]
    assert listed["left_out"] == 5
    assert listed["children"][0]["children"][0]["reason"] == "ID was x, which is equal to x."


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        ("x" * 201, "x" * 199 + "…"),
        (list(range(21)), list(range(20))),
        ({str(n): n for n in range(21)}, {str(n): n for n in range(20)}),
        ([["a"], {"b": 1}, [], {}], ["[…]", "{…}", [], {}]),
        ({"k" * 201: "v" * 201}, {"k" * 199 + "…": "v" * 199 + "…"}),
    ],
)
def test_long_values_are_cut_and_marked_in_json_only(seen, written):
    result = evaluate_test("is_present", "any", None, seen)
    document = result.to_json()
    assert result.seen == seen
    assert document["seen"] == written
    assert document["shortened"] is True


@pytest.mark.parametrize("seen", ["x" * 200, list(range(20)), {"a": "b"}, 2**70, -1.5, True, None])
def test_modest_values_are_kept_whole(seen):
    document = evaluate_test("is_present", "any", None, seen).to_json()
    assert document["seen"] == seen
    assert "shortened" not in document


def test_numbers_that_json_lacks_become_texts():
    document = evaluate_test("is_present", "any", None, [float("nan"), float("inf")]).to_json()
    assert document["seen"] == ["nan", "inf"]
    json.dumps(document, allow_nan=False)


def test_long_values_of_a_test_are_cut_and_marked():
    document = evaluate_test("is_one_of", "string", ["x" * 300] * 30, "a").to_json()
    assert document["node"]["value"] == ["x" * 199 + "…"] * 20
    assert document["shortened"] is True


def items(document):
    return [child["node"]["item"] for child in document["children"][0]["children"]]


def test_first_items_of_a_long_list_are_kept():
    scope = {"trigger": {"items": [{"id": "y"}] * 25}}
    document = evaluate(over("any", ITEM), scope).to_json()
    assert items(document) == list(range(20))
    assert document["children"][0]["left_out"] == 5


@pytest.mark.parametrize(
    ("quantifier", "usual", "odd", "expected"),
    [("any", "y", "x", MET), ("all", "x", "y", NOT_MET), ("none", "y", "x", NOT_MET)],
)
def test_item_that_decided_is_kept(quantifier, usual, odd, expected):
    scope = {"trigger": {"items": [{"id": usual}] * 24 + [{"id": odd}]}}
    result = evaluate(over(quantifier, ITEM), scope)
    assert result.truth is expected
    assert items(result.to_json()) == [*range(19), 24]


def test_json_of_lists_in_lists_stays_small():
    inner = {"field": "item.more", "quantifier": "any", "match": "all", "conditions": [ITEM]}
    middle = {"field": "item.more", "quantifier": "any", "match": "all", "conditions": [inner]}
    leaf = [{"id": "x" * 1_000}] * 25
    scope = {"trigger": {"items": [{"more": [{"more": leaf}] * 25}] * 25}}
    assert len(json.dumps(evaluate(over("any", middle), scope).to_json())) < 1_000_000


def test_value_in_a_reason_is_cut():
    reason = evaluate_test("equal", "string", "a", "x" * 5_000).reason
    assert len(reason) < 300


def test_braces_in_values_and_labels_are_only_text():
    assert evaluate_test("equal", "string", "{0}", "{seen.__class__}").reason == (
        "Field was “{seen.__class__}”, which is not equal to “{0}”."
    )
