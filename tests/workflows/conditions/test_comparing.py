import itertools

import pytest

from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, ValueKind, describe, load
from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, evaluate, truth

MONEY = {"type": "money", "currency_field": "trigger.currency"}
OTHER_MONEY = {"value_type": "money", "value_currency_field": "trigger.currency"}
ELSEWHERE = {"value_type": "money", "value_currency_field": "trigger.other_currency"}


def compare(operator, *, field="trigger.one", value="{{ trigger.two }}", **rest):
    return {"match": "all", "conditions": [{"field": field, "operator": operator, "value": value, **rest}]}


def scope(one, two, **rest):
    return {"trigger": {"one": one, "two": two, **rest}}


TEXTS = {"type": "string", "value_type": "id"}


@pytest.mark.parametrize(
    ("document", "values", "expected"),
    [
        (compare("less_than", **MONEY, **OTHER_MONEY), scope(500, 2_000, currency="usd"), MET),
        (compare("less_than", **MONEY, **OTHER_MONEY), scope(2_000, 2_000, currency="usd"), NOT_MET),
        (compare("less_than", **MONEY, **OTHER_MONEY), scope(500, 2_000), UNKNOWN),
        (
            compare("less_than", **MONEY, **ELSEWHERE),
            scope(500, 2_000, currency="usd", other_currency="eur"),
            UNKNOWN,
        ),
        (
            compare("less_than", **MONEY, **ELSEWHERE),
            scope(500, 2_000, currency="usd", other_currency="USD"),
            MET,
        ),
        (compare("less_than", type="money", **OTHER_MONEY), scope(500, 2_000, currency="usd"), UNKNOWN),
        (compare("equal", **TEXTS), scope("a ", "a"), MET),
        (compare("equal", **TEXTS), scope("a", "b"), NOT_MET),
        (compare("equal", **TEXTS), scope(None, "b"), NOT_MET),
        (compare("equal", **TEXTS), scope("a", None), UNKNOWN),
        (compare("not_equal", **TEXTS), scope("a", None), UNKNOWN),
        (compare("not_equal", **TEXTS), scope("a", 5), UNKNOWN),
        (compare("starts_with", **TEXTS), scope("abc", "ab"), MET),
        (compare("equal", **TEXTS), {"trigger": {"one": "a"}}, UNKNOWN),
        (compare("greater_than", type="integer", value_type="decimal"), scope(2, "1.5"), MET),
        (compare("greater_than", type="integer", value_type="money"), scope(2, 1), UNKNOWN),
        (compare("equal", type="integer", value_type="string"), scope(2, "2"), UNKNOWN),
        (compare("after", type="timestamp", value_type="timestamp"), scope(2, 1), MET),
        (compare("equal", type="any", value_type="any"), scope("a", "a"), MET),
        (compare("equal", type="any", value_type="any"), scope("1", 1), UNKNOWN),
        (compare("greater_than", type="any", value_type="integer"), scope(2, 1), MET),
        (compare("contains", type="list", value_type="string"), scope(["a"], "a"), MET),
        (
            compare("greater_than", type="string", value_type="integer", **{"as": "number"}),
            scope("12", 5),
            MET,
        ),
        (
            compare("greater_than", type="string", value_type="string", **{"as": "number"}),
            scope("12", "5"),
            MET,
        ),
        (compare("greater_than", type="list", value_type="integer", **{"as": "count"}), scope([1], 0), MET),
    ],
)
def test_compares_two_fields(document, values, expected):
    assert truth(document, values) is expected


def test_the_other_field_may_be_the_item_s():
    inner = {"field": "item.used", "operator": "equal", "value": "{{ item.limit }}", "value_type": "integer"}
    over = {"field": "trigger.lines", "quantifier": "any", "match": "all", "conditions": [inner]}
    lines = [{"used": 1, "limit": 2}, {"used": 2, "limit": 2}]
    assert truth({"match": "all", "conditions": [over]}, {"trigger": {"lines": lines}}) is MET


def test_a_field_that_changed_to_what_another_one_is():
    document = compare("changed_to", type="string", value_type="string")
    assert truth(document, scope("a", "a"), {"one": "b"}) is MET
    assert truth(document, scope("a", "c"), {"one": "b"}) is NOT_MET


def test_reason_and_sentence_name_both_fields():
    document = compare("less_than", **MONEY, **OTHER_MONEY)
    reason = evaluate(document, scope(500, 2_000, currency="usd")).children[0].reason
    assert reason == "One was $5.00 USD, which is less than Two ($20.00 USD)."
    assert describe(load(document)) == "One is less than two"
    missing = evaluate(document, {"trigger": {"one": 5, "currency": "usd"}}).children[0].reason
    assert missing.startswith("Two is missing: ")


ONE_VALUE = [key for key, entry in OPERATORS.items() if entry.value_kind is ValueKind.ONE]
SAMPLES = {
    "integer": 1,
    "decimal": "1",
    "money": 1,
    "boolean": True,
    "timestamp": 1,
    "list": ["1"],
    "object": {"a": 1},
    "metadata": {"a": "1"},
}


@pytest.mark.parametrize(("one", "two"), list(itertools.product(FIELD_TYPES, FIELD_TYPES)))
def test_fields_of_any_two_types_are_compared_or_unknown(one, two):
    values = scope(SAMPLES.get(one, "1"), SAMPLES.get(two, "1"), currency="usd")
    for operator in ONE_VALUE:
        rest = {"currency_field": "trigger.currency", "value_currency_field": "trigger.currency"}
        document = compare(operator, type=one, value_type=two, **rest)
        result = evaluate(document, values, {"one": None}).children[0]
        if one != two and "any" not in {one, two} and "money" in {one, two}:
            assert result.truth is UNKNOWN
