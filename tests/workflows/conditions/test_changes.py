import pytest

from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, evaluate, truth
from workflows.conditions import MISSING
from workflows.conditions.changes import UNCHANGED, previous_value


@pytest.mark.parametrize(
    ("path", "previous", "expected"),
    [
        (("status",), {}, UNCHANGED),
        (("status",), {"amount": 5}, UNCHANGED),
        (("status",), {"status": "open"}, "open"),
        (("status",), {"status": None}, None),
        (("metadata", "tier"), {"metadata": {"tier": "VIP"}}, "VIP"),
        (("metadata", "tier"), {"metadata": {"other": "x"}}, UNCHANGED),
        (("metadata",), {"metadata": {"tier": None}}, {"tier": None}),
        (("metadata", 2024), {"metadata": {"2024": "x"}}, "x"),
        (("shipping", "name"), {"shipping": None}, MISSING),
        (("shipping", "name"), {"shipping": "text"}, MISSING),
        (("items", "data", 0, "id"), {"items": {"data": [{"id": "a"}]}}, "a"),
        (("items", "data", 1, "id"), {"items": {"data": [{"id": "a"}]}}, MISSING),
        (("items", "data", 0, "price"), {"items": {"data": [{"id": "a"}]}}, MISSING),
        (("items", "data"), {"items": {"data": [1]}}, [1]),
    ],
)
def test_finds_the_earlier_value(path, previous, expected):
    assert previous_value(path, previous) == expected


def changed(field, operator="changed", value=None, **rest):
    test = {"field": field, "operator": operator, "value": value, "type": "any"} | rest
    return {"match": "all", "conditions": [test]}


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 0}, MET),
        ({"a": 1, "b": 2}, {"a": 1}, NOT_MET),
        ({"a": 1, "b": 2}, {"c": 1}, MET),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, NOT_MET),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2}}, MET),
        ({}, {}, NOT_MET),
        ({"a": 1}, {}, MET),
        ([1, 2], [1, 2], NOT_MET),
        ([1, 2], [2, 1], MET),
        ([{"a": 1, "b": 2}], [{"a": 1}], MET),
        (1, True, MET),
        (1, 1.0, NOT_MET),
        ("1", 1, MET),
        (0, None, MET),
        ([], None, MET),
    ],
)
def test_compares_strictly_all_the_way_down(now, before, expected):
    assert truth(changed("trigger.field"), {"trigger": {"field": now}}, {"field": before}) is expected


def test_part_of_an_object_that_was_not_there_before_has_changed():
    scope = {"trigger": {"shipping": {"name": "A"}}}
    assert truth(changed("trigger.shipping.name"), scope, {"shipping": None}) is MET


def test_what_a_part_was_before_is_unknown_if_it_was_not_there():
    scope = {"trigger": {"shipping": {"name": "A"}}}
    document = changed("trigger.shipping.name", "changed_from", "B")
    assert truth(document, scope, {"shipping": None}) is UNKNOWN


def test_item_of_a_list_is_compared_with_the_earlier_list():
    scope = {"trigger": {"items": {"data": [{"price": "b"}, {"price": "c"}]}}}
    previous = {"items": {"data": [{"price": "a"}, {"price": "c"}]}}
    assert truth(changed("trigger.items.data.0.price", "changed_from", "a"), scope, previous) is MET
    assert truth(changed("trigger.items.data.1.price"), scope, previous) is NOT_MET


@pytest.mark.parametrize("field", ["steps.get.status", "event.type", "trigger", "input.status"])
def test_only_fields_of_the_trigger_have_earlier_values(field):
    scope = {
        "trigger": {},
        "steps": {"get": {"status": "a"}},
        "event": {"type": "a"},
        "input": {"status": "a"},
    }
    assert truth(changed(field), scope, {"status": "b", "type": "b"}) is UNKNOWN


def test_fields_of_items_have_no_earlier_values():
    document = changed("trigger.lines")
    document["conditions"] = [
        {"field": "trigger.lines", "quantifier": "any", "match": "all", **changed("item.price")}
    ]
    scope = {"trigger": {"lines": [{"price": 1}]}}
    assert truth(document, scope, {"price": 2}) is UNKNOWN


def money_changed(operator, amount, currency):
    value = {"amount": amount, "currency": currency}
    return changed("trigger.amount", operator, value, type="money", currency_field="trigger.currency")


@pytest.mark.parametrize(
    ("operator", "amount", "currency", "expected"),
    [
        ("changed_from", 500, "eur", MET),
        ("changed_from", 500, "usd", UNKNOWN),
        ("changed_to", 900, "usd", MET),
        ("changed_to", 900, "eur", UNKNOWN),
    ],
)
def test_earlier_amount_is_in_the_earlier_currency(operator, amount, currency, expected):
    scope = {"trigger": {"amount": 900, "currency": "usd"}}
    previous = {"amount": 500, "currency": "eur"}
    assert truth(money_changed(operator, amount, currency), scope, previous) is expected


def test_reason_tells_both_values():
    scope = {"trigger": {"amount": 900, "currency": "usd"}}
    result = evaluate(money_changed("changed_to", 900, "usd"), scope, {"amount": 500, "currency": "eur"})
    assert result.children[0].reason == (
        "Amount was $9.00 USD and has changed to $9.00 USD. Before the event it was €5.00 EUR."
    )
