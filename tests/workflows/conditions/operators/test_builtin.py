import itertools

import pytest

from stripeflow.workflows.conditions import (
    FIELD_TYPES,
    MISSING,
    OPERATORS,
    ValueFault,
    ValueKind,
    operators_for,
    read_value,
)
from tests.workflows.conditions.judging import (
    MET,
    NO_PREVIOUS,
    NOT_MET,
    UNKNOWN,
    Seen,
    evaluate,
    evaluate_test,
)
from tests.workflows.conditions.operator_cases import TABLE, usd

PAIRS = list(itertools.product(OPERATORS, FIELD_TYPES))
FITTING = [(key, kind) for key, kind in PAIRS if kind in OPERATORS[key].types]
UNFITTING = [pair for pair in PAIRS if pair not in FITTING]


def _cases():
    for (operator, kind), rows in TABLE.items():
        for truth, seen in ((MET, rows.met), (NOT_MET, rows.not_met), (UNKNOWN, rows.unknown)):
            for number, value in enumerate(seen):
                name = f"{operator}-{kind}-{truth.value}-{number}"
                yield pytest.param(operator, kind, rows.value, value, truth, id=name)


@pytest.mark.parametrize(("operator", "kind", "value", "seen", "truth"), list(_cases()))
def test_judges_by_the_table(operator, kind, value, seen, truth):
    result = evaluate_test(operator, kind, value, seen)
    assert result.truth is truth, result.reason


def test_table_has_every_operator_with_every_type_it_fits():
    assert set(TABLE) == set(FITTING)


@pytest.mark.parametrize(("operator", "kind"), FITTING)
def test_table_shows_each_pair_met_and_not_met(operator, kind):
    rows = TABLE[operator, kind]
    assert rows.met
    assert rows.not_met


@pytest.mark.parametrize(("operator", "kind"), FITTING)
def test_table_shows_each_pair_a_missing_field_and_null(operator, kind):
    seen = [value.value if isinstance(value, Seen) else value for value in TABLE[operator, kind].seen]
    assert MISSING in seen
    assert None in seen


# These look at every JSON value alike, so that no type is wrong to them.
SEE_ALL = {"is_empty", "is_not_empty", "is_present", "is_missing", "changed"}
# What is not there may still have been there before.
SEE_MISSING = {"is_present", "is_missing", *(key for key, entry in OPERATORS.items() if entry.asks_earlier)}


@pytest.mark.parametrize(("operator", "kind"), [pair for pair in FITTING if pair[0] not in SEE_ALL])
def test_table_shows_each_pair_three_wrong_types_or_more(operator, kind):
    unknown = TABLE[operator, kind].unknown
    values = [(seen.value, seen.before) if isinstance(seen, Seen) else seen for seen in unknown]
    wrong = [value for value in values if value is not None and value is not MISSING]
    assert len({type(value).__name__ + str(value) for value in wrong}) >= 3


@pytest.mark.parametrize(("operator", "kind"), UNFITTING)
def test_operator_that_does_not_fit_the_type_is_unknown(operator, kind):
    result = evaluate_test(operator, kind, "abc", "abc")
    assert result.truth is UNKNOWN
    assert "does not fit" in result.reason


def test_only_presence_and_changes_see_a_missing_field():
    met_or_not = {key for key, kind in FITTING if MISSING in TABLE[key, kind].met + TABLE[key, kind].not_met}
    assert met_or_not == SEE_MISSING


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_operators_for_a_type_are_those_that_fit_it(kind):
    assert [entry.key for entry in operators_for(kind)] == [key for key, other in FITTING if other == kind]


def test_operators_for_no_type_are_those_for_any():
    assert operators_for(None) == operators_for("any")


def test_a_field_without_a_type_is_judged_as_any():
    assert evaluate_test("greater_than", None, 5, 6).truth is MET


@pytest.mark.parametrize("entry", OPERATORS.values(), ids=lambda entry: entry.key)
def test_every_operator_says_what_it_is_and_does(entry):
    assert entry.key == entry.key.lower()
    assert str(entry.label)
    assert str(entry.contrary) != str(entry.label)
    assert str(entry.help_text).endswith(".")
    assert entry.types <= FIELD_TYPES.keys()


def test_labels_are_unique():
    assert len({str(entry.label) for entry in OPERATORS.values()}) == len(OPERATORS)


INVALID_VALUES = [
    ("equal", "string", None),
    ("equal", "string", ""),
    ("equal", "string", 5),
    ("not_equal", "string", None),
    ("not_equal", "string", "{{ trigger.field"),
    ("not_equal", "string", "a {{ trigger.field }}"),
    ("not_equal", "string", "{{ trigger.field | upper }}"),
    ("is_one_of", "string", ["{{ trigger.field }}"]),
    ("between", "integer", ["{{ trigger.field }}", 5]),
    ("equal", "integer", "5"),
    ("equal", "integer", True),
    ("equal", "integer", 5.0),
    ("not_equal", "decimal", "5,0"),
    ("equal", "any", {"a": 1}),
    ("contains", "string", ""),
    ("does_not_contain", "list", ["a"]),
    ("starts_with", "string", ""),
    ("greater_than", "money", 100_000),
    ("greater_than", "money", {"amount": 100_000}),
    ("greater_than", "money", {"amount": "100000", "currency": "usd"}),
    ("greater_than", "money", {"amount": True, "currency": "usd"}),
    ("greater_than", "money", {"amount": 100_000, "currency": "us"}),
    ("greater_than", "money", {"amount": 100_000, "currency": "usd", "note": ""}),
    ("between", "integer", 5),
    ("between", "integer", [5]),
    ("between", "integer", [7, 5]),
    ("between", "integer", [1, 2, 3]),
    ("between", "money", [usd(1), {"amount": 2, "currency": "eur"}]),
    ("is_none_of", "string", []),
    ("is_none_of", "string", "abc"),
    ("is_none_of", "string", ["abc", ""]),
    ("before", "timestamp", "2025-06-15T12:00:00"),
    ("before", "timestamp", "2025-06-15"),
    ("before", "timestamp", "soon"),
    ("before", "timestamp", 5.5),
    ("before", "timestamp", True),
    ("within_last_days", "timestamp", 0),
    ("within_last_days", "timestamp", -1),
    ("within_last_days", "timestamp", 36_501),
    ("within_last_days", "timestamp", "2"),
    ("within_last_days", "timestamp", "{{ trigger.field }}"),
    ("within_last_days", "timestamp", {"weeks": 2}),
    ("within_last_days", "timestamp", {"hours": 0}),
    ("within_last_days", "timestamp", {"hours": 36_500 * 24 + 1}),
    ("within_last_days", "timestamp", {"hours": 1, "minutes": 1}),
    ("longer_ago_than", "timestamp", {"minutes": True}),
    ("within_last_days", "timestamp", True),
    ("is_not_empty", "string", "abc"),
    ("changed_to", "boolean", "true"),
]


@pytest.mark.parametrize(("operator", "kind", "value"), INVALID_VALUES)
def test_a_value_that_is_not_valid_makes_the_test_unknown(operator, kind, value):
    seen = TABLE[operator, kind].met[0]
    result = evaluate_test(operator, kind, value, seen)
    assert result.truth is UNKNOWN
    assert "is not valid" in result.reason


def test_a_list_of_too_many_values_makes_the_test_unknown():
    with pytest.raises(ValueFault) as caught:
        read_value(["a"] * 201, kind=ValueKind.MANY, type_key="text")
    assert caught.value.code == "value_count"


def test_an_empty_text_as_value_of_an_operator_without_one_is_ignored():
    assert evaluate_test("is_empty", "string", "", None).truth is MET


def test_money_without_the_place_of_its_currency_is_unknown():
    test = {"field": "trigger.field", "operator": "greater_than", "value": usd(1), "type": "money"}
    result = evaluate({"match": "all", "conditions": [test]}, {"trigger": {"field": 5, "currency": "usd"}})
    assert result.children[0].truth is UNKNOWN
    assert "does not say where it stands" in result.children[0].reason


@pytest.mark.parametrize("currency", ["usd", "USD", "Usd"])
def test_the_currency_of_a_test_may_be_in_any_case(currency):
    value = {"amount": 1_500, "currency": currency}
    assert evaluate_test("less_than", "money", value, 1_499).truth is MET


def test_another_currency_is_named_in_the_reason():
    reason = evaluate_test("greater_than", "money", usd(100_000), Seen(500_000, "eur")).reason
    assert reason == "Field was €5,000.00 EUR, which cannot be compared with an amount in USD."


def test_no_previous_attributes_are_named_in_the_reason():
    reason = evaluate_test("changed", "string", None, Seen("a", before=NO_PREVIOUS)).reason
    assert reason == "It is not known what changed: the event has no earlier values."
