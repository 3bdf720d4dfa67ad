import pytest

from stripeflow.workflows.conditions import MISSING
from stripeflow.workflows.conditions.operators.changes import UNCHANGED, earlier_value
from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, evaluate, truth


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
    assert earlier_value(path, None, previous) == expected


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


def test_part_of_an_object_that_was_not_there_has_not_changed_from_anything():
    scope = {"trigger": {"shipping": {"name": "A"}}}
    document = changed("trigger.shipping.name", "changed_from", "B")
    assert truth(document, scope, {"shipping": None}) is NOT_MET


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


# Maps and parts of objects: what was added, taken away, or never there.
TIER = "trigger.metadata.tier"
GOLD, NOTHING = {"metadata": {"tier": "gold"}}, {"metadata": {}}


@pytest.mark.parametrize(
    ("now", "previous", "changed_", "to_gold", "from_gold"),
    [
        # The first key: Stripe writes null, an empty object, or null for the key.
        (GOLD, {"metadata": {}}, MET, MET, NOT_MET),
        (GOLD, {"metadata": None}, MET, MET, NOT_MET),
        (GOLD, {"metadata": {"tier": None}}, MET, MET, NOT_MET),
        # The key was taken away, alone or with all others.
        (NOTHING, {"metadata": {"tier": "gold"}}, MET, NOT_MET, MET),
        ({"metadata": None}, {"metadata": {"tier": "gold"}}, MET, NOT_MET, MET),
        ({"metadata": {"other": "x"}}, {"metadata": {"tier": "gold", "other": None}}, MET, NOT_MET, MET),
        # Another key is no business of this one.
        (GOLD, {"metadata": {"other": "x"}}, NOT_MET, NOT_MET, NOT_MET),
        (NOTHING, {"metadata": {"other": "x"}}, NOT_MET, NOT_MET, NOT_MET),
        ({"metadata": {"other": "x"}}, {"metadata": {}}, NOT_MET, NOT_MET, NOT_MET),
        (NOTHING, {}, NOT_MET, NOT_MET, NOT_MET),
        (NOTHING, {"metadata": {"tier": None}}, NOT_MET, NOT_MET, NOT_MET),
        (GOLD, None, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_keys_of_metadata_come_and_go(now, previous, changed_, to_gold, from_gold):
    asked = [changed(TIER), changed(TIER, "changed_to", "gold"), changed(TIER, "changed_from", "gold")]
    assert [truth(one, {"trigger": now}, previous) for one in asked] == [changed_, to_gold, from_gold]


def item(id_, price, **more):
    return {"id": id_, "price": {"id": price}, **more}


def items(*entries, **more):
    return {"items": {"data": list(entries), **more}}


PRICE = "trigger.items.data.0.price.id"
A, B, C = item("si_1", "a"), item("si_2", "b"), item("si_2", "c")


@pytest.mark.parametrize(
    ("now", "before", "first", "all_of_them", "any_price"),
    [
        (items(B, A), items(A, B), NOT_MET, NOT_MET, NOT_MET),
        (items(A, C), items(A, B), NOT_MET, MET, MET),
        (items(C, A), items(A, B), MET, MET, MET),
        (items(A, B), items(A), NOT_MET, MET, MET),
        (items(A), items(A, B), NOT_MET, MET, NOT_MET),
        (items(A), items(B), MET, MET, MET),
        (items(A), {"items": None}, MET, MET, MET),
        (items(A), {}, NOT_MET, NOT_MET, NOT_MET),
        (items(A), None, UNKNOWN, UNKNOWN, UNKNOWN),
        # Of a first page nobody knows what stood on the others.
        (items(A, B, has_more=True), items(A), NOT_MET, MET, UNKNOWN),
        (items(C, A, has_more=True), items(A), UNKNOWN, MET, UNKNOWN),
        (items(B, A, has_more=True), items(A, B), NOT_MET, UNKNOWN, UNKNOWN),
        # What names items by number is from an old version.
        (items(A, C), {"items": {"data": {"1": {"price": {"id": "b"}}}}}, UNKNOWN, MET, UNKNOWN),
    ],
)
def test_items_are_known_by_their_id(now, before, first, all_of_them, any_price):
    any_item = {"field": "trigger.items.data", "quantifier": "any", **changed("item.price.id")}
    whole = {"match": "all", "conditions": [any_item]}
    asked = [changed(PRICE), changed("trigger.items.data"), whole]
    assert [truth(one, {"trigger": now}, before) for one in asked] == [first, all_of_them, any_price]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2017-04-06", UNKNOWN),
        ("2017-05-25", MET),
        ("2026-08-26.dahlia; beta=v1", MET),
        (None, MET),
        (5, MET),
    ],
)
def test_old_versions_name_only_the_items_that_changed(version, expected):
    event = {"api_version": version}
    scope = {"trigger": {**items(A, C), "name": "new"}, "event": event}
    before = {**items(B), "name": "old"}
    assert truth(changed("trigger.items.data.1.price.id", "changed_from", "b"), scope, before) is expected
    assert truth(changed("trigger.items.data"), scope, before) is expected
    assert truth(changed("trigger.items"), scope, before) is expected
    assert truth(changed("trigger.name", "changed_from", "old"), scope, before) is MET


def test_an_item_of_an_item_is_known_by_both_ids():
    tax = {"id": "tax_1", "rate": 20}
    inner = {"field": "item.taxes", "quantifier": "any", **changed("item.rate", "increased")}
    outer = {"field": "trigger.items.data", "quantifier": "any", "match": "all", "conditions": [inner]}
    other = item("si_1", "a", taxes=[])
    now = items(item("si_2", "b", taxes=[tax]), other)
    before = items(other, item("si_2", "b", taxes=[{**tax, "rate": 19}]))
    document = {"match": "all", "conditions": [outer]}
    assert truth(document, {"trigger": now}, before) is MET
    assert truth(document, {"trigger": now}, now) is NOT_MET


def test_items_of_a_step_s_list_have_no_earlier_values():
    test = {"field": "steps.get.lines", "quantifier": "any", **changed("item.price")}
    scope = {"trigger": {"lines": [{"price": 1}]}, "steps": {"get": {"lines": [{"price": 1}]}}}
    document = {"match": "all", "conditions": [test]}
    assert truth(document, scope, {"lines": [{"price": 2}]}) is UNKNOWN


def test_plain_items_are_compared_by_their_place():
    scope, before = {"trigger": {"locales": ["de", "en"]}}, {"locales": ["en", "de"]}
    assert truth(changed("trigger.locales"), scope, before) is MET
    assert truth(changed("trigger.locales.0", "changed_to", "de"), scope, before) is MET


@pytest.mark.parametrize(("operator", "expected"), [("increased", UNKNOWN), ("decreased", UNKNOWN)])
def test_amounts_of_two_currencies_have_no_order(operator, expected):
    test = changed("trigger.amount", operator, type="money", currency_field="trigger.currency")
    scope = {"trigger": {"amount": 900, "currency": "usd"}}
    assert truth(test, scope, {"amount": 500, "currency": "eur"}) is expected
    assert truth(test, scope, {"amount": 500, "currency": "USD"}) in {MET, NOT_MET}


def test_the_trigger_s_object_may_be_named_by_its_place_in_the_event():
    now = {"status": "paid"}
    scope = {"trigger": now, "event": {"data": {"object": now}}}
    test = changed("event.data.object.status", "changed_from", "open")
    assert truth(test, scope, {"status": "open"}) is MET
    assert truth(changed("event.data.object"), scope, {"status": "open"}) is UNKNOWN
