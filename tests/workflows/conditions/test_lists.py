import pytest

from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, evaluate, truth

CHEAP = {"field": "item.price", "operator": "less_than", "value": 10, "type": "integer"}
RED = {"field": "item.color", "operator": "equal", "value": "red", "type": "string"}

BOTH = {"price": 5, "color": "red"}
ONE = {"price": 5, "color": "blue"}
NEITHER = {"price": 50, "color": "blue"}
UNSURE = {"color": "red"}


def over(quantifier, *conditions, match="all", field="trigger.lines.data"):
    test = {"field": field, "quantifier": quantifier, "match": match, "conditions": list(conditions)}
    return {"match": "all", "conditions": [test]}


def lines(*items, **rest):
    return {"trigger": {"lines": {"data": list(items), **rest}}}


# Items, then any, all and none of them with both conditions met.
TABLE = [
    ([], NOT_MET, NOT_MET, MET),
    ([BOTH], MET, MET, NOT_MET),
    ([ONE], NOT_MET, NOT_MET, MET),
    ([UNSURE], UNKNOWN, UNKNOWN, UNKNOWN),
    ([BOTH, ONE], MET, NOT_MET, NOT_MET),
    ([BOTH, UNSURE], MET, UNKNOWN, NOT_MET),
    ([ONE, UNSURE], UNKNOWN, NOT_MET, UNKNOWN),
    ([NEITHER, NEITHER], NOT_MET, NOT_MET, MET),
    ([None], UNKNOWN, UNKNOWN, UNKNOWN),
    (["red"], UNKNOWN, UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(("items", "any_of", "all_of", "none_of"), TABLE)
def test_judges_items_by_the_table(items, any_of, all_of, none_of):
    results = [truth(over(kind, CHEAP, RED), lines(*items)) for kind in ("any", "all", "none")]
    assert results == [any_of, all_of, none_of]


@pytest.mark.parametrize(("match", "expected"), [("all", NOT_MET), ("any", MET), ("none", NOT_MET)])
def test_match_says_how_many_conditions_one_item_has_to_meet(match, expected):
    assert truth(over("any", CHEAP, RED, match=match), lines(ONE)) is expected


def test_conditions_have_to_be_met_by_the_same_item():
    assert truth(over("any", CHEAP, RED), lines(ONE, {"price": 50, "color": "red"})) is NOT_MET


# What a first page says of the whole list: it can decide, and otherwise nothing is known.
PARTIAL = [
    ([BOTH], MET, UNKNOWN, NOT_MET),
    ([NEITHER], UNKNOWN, NOT_MET, UNKNOWN),
    ([], UNKNOWN, UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(("items", "any_of", "all_of", "none_of"), PARTIAL)
def test_items_that_stripe_did_not_send_are_unknown(items, any_of, all_of, none_of):
    scope = lines(*items, has_more=True)
    results = [truth(over(kind, CHEAP, RED), scope) for kind in ("any", "all", "none")]
    assert results == [any_of, all_of, none_of]


def test_a_list_without_further_items_is_whole():
    assert truth(over("all", CHEAP), lines(BOTH, has_more=False)) is MET


@pytest.mark.parametrize(("seen", "expected"), [(["a"], MET), (["b"], UNKNOWN)])
def test_contains_does_not_trust_the_first_page_of_a_longer_list(seen, expected):
    test = {"field": "trigger.lines.data", "operator": "contains", "value": "a", "type": "list"}
    assert truth({"match": "all", "conditions": [test]}, lines(*seen, has_more=True)) is expected


@pytest.mark.parametrize("quantifier", ["any", "all", "none"])
@pytest.mark.parametrize("value", ["red", 5, True, {"data": []}])
def test_what_is_not_a_list_is_unknown(quantifier, value):
    assert truth(over(quantifier, RED, field="trigger.lines"), {"trigger": {"lines": value}}) is UNKNOWN


@pytest.mark.parametrize(
    ("field", "lines"),
    [("trigger.lines", None), ("trigger.lines.data", {"data": None}), ("trigger.lines.data", None)],
)
@pytest.mark.parametrize(("quantifier", "expected"), [("any", NOT_MET), ("all", NOT_MET), ("none", MET)])
def test_a_list_that_is_null_has_no_items(field, lines, quantifier, expected):
    assert truth(over(quantifier, RED, field=field), {"trigger": {"lines": lines}}) is expected


@pytest.mark.parametrize("quantifier", ["any", "all", "none"])
def test_a_list_below_another_object_that_is_null_is_unknown(quantifier):
    scope = {"trigger": {"payment": None}}
    assert truth(over(quantifier, RED, field="trigger.payment.lines"), scope) is UNKNOWN


@pytest.mark.parametrize("quantifier", ["any", "all", "none"])
def test_a_missing_list_is_unknown(quantifier):
    assert truth(over(quantifier, RED), {"trigger": {}}) is UNKNOWN


@pytest.mark.parametrize("quantifier", ["any", "all", "none"])
@pytest.mark.parametrize("items", [[], [BOTH]])
def test_a_list_test_without_conditions_is_unknown(quantifier, items):
    assert truth(over(quantifier), lines(*items)) is UNKNOWN


def test_no_item_of_a_long_list_is_cut_off():
    assert truth(over("any", RED), lines(*[NEITHER] * 5_000, BOTH)) is MET


def test_judges_lists_in_items():
    inner = {"field": "item.taxes", "quantifier": "all", "match": "all", "conditions": [CHEAP]}
    scope = lines({"taxes": [{"price": 50}, {"price": 1}]}, {"taxes": [{"price": 1}]})
    assert truth(over("any", inner), scope) is MET
    assert truth(over("all", inner), scope) is NOT_MET


def test_judges_plain_items():
    test = {"field": "item", "operator": "starts_with", "value": "card", "type": "string"}
    scope = {"trigger": {"types": ["link", "card_present"]}}
    assert truth(over("any", test, field="trigger.types"), scope) is MET


def test_items_are_compared_with_the_currency_beside_them():
    value = {"amount": 1_000, "currency": "usd"}
    test = {
        "field": "item.amount",
        "operator": "greater_than",
        "value": value,
        "type": "money",
        "currency_field": "item.currency",
    }
    euro, dollar = {"amount": 5_000, "currency": "eur"}, {"amount": 900, "currency": "usd"}
    result = evaluate(over("any", test), lines(dollar, euro)).children[0]
    assert [child.truth for child in result.children] == [NOT_MET, UNKNOWN]


def test_an_item_does_not_outlive_its_list():
    outside = {"field": "item.color", "operator": "equal", "value": "red", "type": "string"}
    document = over("any", RED)
    document["conditions"].append(outside)
    assert [child.truth for child in evaluate(document, lines(BOTH)).children] == [MET, UNKNOWN]


def test_says_how_many_items_met_the_conditions():
    reason = evaluate(over("any", CHEAP, RED), lines(BOTH, ONE, UNSURE)).children[0].reason
    assert reason == "Items in Lines › Data: 3. Met by 1, not met by 1, unknown for 1."


def test_says_that_items_are_lacking():
    reason = evaluate(over("all", RED), lines(BOTH, has_more=True)).children[0].reason
    assert reason.endswith("The list has further items, which did not come.")
