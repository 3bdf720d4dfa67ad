import copy
import json

import pytest

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import ConditionError, Group, ListTest, dump, load

MONEY = {
    "field": "trigger.amount",
    "operator": "greater_than",
    "value": {"amount": 100_000, "currency": "usd"},
    "type": "money",
    "currency_field": "trigger.currency",
}
LIST = {
    "field": "trigger.lines.data",
    "quantifier": "none",
    "match": "any",
    "type": "list",
    "conditions": [{"field": "item.id", "operator": "is_present"}],
}
WHOLE = {"match": "all", "conditions": [MONEY, LIST, {"match": "none", "conditions": []}]}


def test_reads_every_kind_of_node():
    money = conditions.Test(
        "trigger.amount", "greater_than", {"amount": 100_000, "currency": "usd"}, "money", "trigger.currency"
    )
    item = conditions.Test("item.id", "is_present")
    items = ListTest("trigger.lines.data", "none", "any", (item,), "list")
    assert load(WHOLE) == Group("all", (money, items, Group("none", ())))


def test_writes_what_it_read():
    assert dump(load(WHOLE)) == WHOLE


def test_reading_leaves_the_document_alone():
    before = copy.deepcopy(WHOLE)
    load(WHOLE)
    assert before == WHOLE


def test_null_type_and_currency_are_as_good_as_none():
    document = {"field": "trigger.id", "operator": "is_empty", "type": None, "currency_field": None}
    assert dump(load({"match": "all", "conditions": [document]})) == {
        "match": "all",
        "conditions": [{"field": "trigger.id", "operator": "is_empty"}],
    }


def test_a_list_test_may_carry_an_unused_currency():
    assert (
        load({"match": "all", "conditions": [{**LIST, "currency_field": None}]}).conditions[0].type == "list"
    )


def test_field_and_operator_may_be_chosen_later():
    document = {"match": "all", "conditions": [{"field": "", "operator": ""}]}
    assert dump(load(document)) == document


def nested(depth):
    document = {"match": "all", "conditions": []}
    for _ in range(depth - 1):
        document = {"match": "all", "conditions": [document]}
    return document


def nested_lists(depth):
    document = {"field": "item.id", "operator": "is_present"}
    for level in range(depth):
        field = "trigger.lines" if level == depth - 1 else "item.lines"
        document = {"field": field, "quantifier": "any", "match": "all", "conditions": [document]}
    return {"match": "all", "conditions": [document]}


def one(**changes):
    return {"match": "all", "conditions": [{"field": "trigger.id", "operator": "equal", **changes}]}


def one_list(**changes):
    return {"match": "all", "conditions": [{**LIST, **changes}]}


def test_reads_twenty_levels():
    assert load(nested(20)).conditions


def test_reads_three_lists_in_each_other():
    assert load(nested_lists(3)).conditions


def test_reads_five_hundred_conditions():
    test = {"field": "trigger.id", "operator": "is_empty"}
    assert len(load({"match": "all", "conditions": [test] * 500}).conditions) == 500


@pytest.mark.parametrize("depth", [21, 1_000, 100_000])
def test_refuses_groups_that_are_nested_too_deeply(depth):
    with pytest.raises(ConditionError) as caught:
        load(nested(depth))
    assert caught.value.message == "Conditions are nested more than 20 deep."
    assert caught.value.path == "/conditions/0" * 20


def deep_value(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (None, "", "A condition has to be an object."),
        ([], "", "A condition has to be an object."),
        ("all", "", "A condition has to be an object."),
        ({}, "", "“conditions” is missing."),
        ({"match": "all"}, "", "“conditions” is missing."),
        ({"conditions": []}, "", "“match” is missing."),
        ({"match": "some", "conditions": []}, "/match", "This has to be “all”, “any” or “none”."),
        ({"match": ["all"], "conditions": []}, "/match", "This has to be “all”, “any” or “none”."),
        ({"match": "all", "conditions": {}}, "/conditions", "This has to be a list of conditions."),
        ({"match": "all", "conditions": [], "note": 1}, "", "“note” is not known here."),
        ({"match": "all", "conditions": [], 5: 1}, "", "“5” is not known here."),
        ({"match": "all", "conditions": [None]}, "/conditions/0", "A condition has to be an object."),
        (MONEY, "", "“currency_field” is not known here."),
        (one(extra=1), "/conditions/0", "“extra” is not known here."),
        ({"match": "all", "conditions": [{"field": "a"}]}, "/conditions/0", "“operator” is missing."),
        (
            one(field=5),
            "/conditions/0/field",
            "This has to be the path of a field, of at most 300 characters.",
        ),
        (
            one(field="a" * 301),
            "/conditions/0/field",
            "This has to be the path of a field, of at most 300 characters.",
        ),
        (one(field="trigger..id"), "/conditions/0/field", "Expected a name, found “.”."),
        (one(field="trigger.id | upper"), "/conditions/0/field", "Expected the end, found “|”."),
        (one(field="{{ trigger.id }}"), "/conditions/0/field", "“{” cannot stand here."),
        (one(operator="resembles"), "/conditions/0/operator", "“resembles” is not an operator."),
        (one(operator=["equal"]), "/conditions/0/operator", "“['equal']” is not an operator."),
        (one(type="text"), "/conditions/0/type", "“text” is not a type of field."),
        (one(type=5), "/conditions/0/type", "“5” is not a type of field."),
        (one(currency_field="a b"), "/conditions/0/currency_field", "Expected the end, found “b”."),
        (one(value="x" * 5_001), "/conditions/0/value", "The text is longer than 5000 characters."),
        (one(value=2**63), "/conditions/0/value", "The number is too large."),
        (one(value=float("nan")), "/conditions/0/value", "The value has to be a finite number."),
        (one(value=[float("inf")]), "/conditions/0/value/0", "The value has to be a finite number."),
        (one(value=object()), "/conditions/0/value", "The value has to be plain JSON."),
        (one(value={5: 1}), "/conditions/0/value", "The value has to be plain JSON."),
        (one(value=["x"] * 201), "/conditions/0/value", "There are more than 200 values."),
        (one(value=deep_value(3)), "/conditions/0/value/0/0", "The value is nested too deeply."),
        (one(value=deep_value(100_000)), "/conditions/0/value/0/0", "The value is nested too deeply."),
        (one_list(quantifier="some"), "/conditions/0/quantifier", "This has to be “all”, “any” or “none”."),
        (one_list(operator="equal"), "/conditions/0", "“operator” is not known here."),
        (one_list(conditions=5), "/conditions/0/conditions", "This has to be a list of conditions."),
        (
            one_list(conditions=[LIST]),
            "/conditions/0/conditions/0/field",
            "A list within a list starts with “item.”.",
        ),
        (
            nested_lists(4),
            "/conditions/0/conditions/0/conditions/0/conditions/0",
            "Lists are nested more than 3 deep.",
        ),
        (
            {"match": "all", "conditions": [{"match": "all", "conditions": []}] * 501},
            "/conditions/500",
            "There are more than 500 conditions.",
        ),
    ],
)
def test_refuses_what_is_not_a_condition_tree(document, path, message):
    with pytest.raises(ConditionError) as caught:
        load(document)
    assert (caught.value.path, caught.value.message) == (path, message)


def test_error_reads_as_place_and_sentence():
    with pytest.raises(ConditionError, match=r"^/: A condition has to be an object\.$"):
        load(None)


def test_documents_are_plain_json():
    assert json.loads(json.dumps(dump(load(WHOLE)))) == WHOLE
