import itertools

import pytest

from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, describe, load
from stripeflow.workflows.conditions.field_types import READINGS
from tests.workflows.conditions.judging import DAY, MET, NOT_MET, NOW_SECONDS, UNKNOWN, evaluate, truth

KEY = "trigger.metadata.key"


def asked(operator, value=None, *, field=KEY, kind="string", **rest):
    condition = {"field": field, "operator": operator, "value": value, "type": kind, **rest}
    return {"match": "all", "conditions": [condition]}


def key(value):
    return {"trigger": {"metadata": {"key": value}}}


NUMBERS = [("1200", 1200), ("-12.50", -12.5), (" 7 ", 7), ("+3", 3), ("１２００", 1200), ("0012", 12), (5, 5)]
NO_NUMBERS = ["", " ", "1,200", "$5", "1e3", "five", "0x10", "1.", ".5", "1 200", "NaN", None, True, [5], {}]


@pytest.mark.parametrize(("seen", "number"), NUMBERS)
def test_reads_a_number(seen, number):
    assert truth(asked("equal", number, **{"as": "number"}), key(seen)) is MET
    assert truth(asked("greater_than", number, **{"as": "number"}), key(seen)) is NOT_MET
    assert truth(asked("greater_than", number - 1, **{"as": "number"}), key(seen)) is MET


@pytest.mark.parametrize("seen", NO_NUMBERS)
def test_a_text_of_no_number_is_unknown(seen):
    assert truth(asked("less_than", 5, **{"as": "number"}), key(seen)) is UNKNOWN


DATES = ["2025-06-15", "2025-06-15T00:00:00", "2025-06-15T02:00:00+02:00", " 20250615 ", "1749945600"]
NO_DATES = ["", "tomorrow", "15.06.2025", "2025-13-01", "1749945600000", "5", None, True, []]


@pytest.mark.parametrize("seen", DATES)
def test_reads_a_date(seen):
    midnight = NOW_SECONDS - DAY // 2
    assert truth(asked("between", [midnight, midnight], **{"as": "date"}), key(seen)) is MET
    assert truth(asked("within_last_days", 0.5, **{"as": "date"}), key(seen)) is MET


@pytest.mark.parametrize("seen", NO_DATES)
def test_a_text_of_no_date_is_unknown(seen):
    assert truth(asked("longer_ago_than", 1, **{"as": "date"}), key(seen)) is UNKNOWN


@pytest.mark.parametrize(
    ("seen", "yes", "no"),
    [
        *((word, MET, NOT_MET) for word in ("true", "YES", " on ", "1", True)),
        *((word, NOT_MET, MET) for word in ("false", "No", "off", "0", False)),
        (None, NOT_MET, NOT_MET),
        *((word, UNKNOWN, UNKNOWN) for word in ("", "maybe", "2", 1, [])),
    ],
)
def test_reads_yes_or_no(seen, yes, no):
    both = [asked(operator, **{"as": "boolean"}) for operator in ("is_true", "is_false")]
    assert [truth(one, key(seen)) for one in both] == [yes, no]


COUNTED = {"field": "trigger.lines.data", "kind": "list", "as": "count"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"data": [1] * 6}, MET),
        ({"data": [1] * 5}, NOT_MET),
        ({"data": []}, NOT_MET),
        ({"data": None}, NOT_MET),
        (None, NOT_MET),
        ({"data": [1], "has_more": True, "total_count": 6}, MET),
        ({"data": [1] * 10, "has_more": True}, UNKNOWN),
        ({"data": [1] * 10, "has_more": True, "total_count": True}, UNKNOWN),
        ({"data": "123456"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_counts_the_items_of_a_list(lines, expected):
    assert truth(asked("greater_than", 5, **COUNTED), {"trigger": {"lines": lines}}) is expected


def test_a_number_of_items_may_have_changed():
    now = {"trigger": {"lines": {"data": [{"id": "a"}, {"id": "b"}]}}}
    one, two = {"data": [{"id": "a"}]}, {"data": [{"id": "a"}, {"id": "c"}]}
    assert truth(asked("increased", **COUNTED), now, {"lines": one}) is MET
    assert truth(asked("changed_from", 1, **COUNTED), now, {"lines": one}) is MET
    assert truth(asked("changed", **COUNTED), now, {"lines": two}) is NOT_MET
    assert truth(asked("increased", **COUNTED), now, {"lines": None}) is UNKNOWN


@pytest.mark.parametrize(
    ("operator", "value", "seen", "before"),
    [
        ("greater_than", 1000, "1200", None),
        ("between", [1000, "1300"], "1200", None),
        ("between", ["2025-06-01T00:00:00Z", "2025-06-30T00:00:00Z"], "2025-06-15", None),
        ("before", "2025-06-16T00:00:00Z", "2025-06-15", None),
        ("within_last_days", 1, "2025-06-15", None),
        ("is_true", None, "yes", None),
        ("is_false", None, "no", None),
        ("increased", None, "1200", "200"),
    ],
)
def test_a_key_of_metadata_is_read_as_the_operator_needs_it(operator, value, seen, before):
    previous = {"metadata": {"key": before}}
    assert truth(asked(operator, value), key(seen), previous) is MET
    elsewhere = asked(operator, value, field="trigger.name")
    assert truth(elsewhere, {"trigger": {"name": seen}}, {"name": before}) is UNKNOWN


@pytest.mark.parametrize("operator", ["equal", "contains", "is_one_of"])
def test_what_can_be_asked_of_a_text_is_asked_of_the_text(operator):
    value = ["12"] if operator == "is_one_of" else "12"
    assert truth(asked(operator, value), key("12")) is MET
    assert truth(asked(operator, value), key("12.0")) is (MET if operator == "contains" else NOT_MET)


@pytest.mark.parametrize(("reading", "kind"), list(itertools.product(READINGS, FIELD_TYPES)))
@pytest.mark.parametrize("operator", ["equal", "before", "is_true", "contains"])
def test_every_reading_of_every_type_has_a_meaning_or_is_unknown(reading, kind, operator):
    entry = READINGS[reading]
    fits = kind in entry.of and OPERATORS[operator].fits(entry.type)
    reason = evaluate(asked(operator, 5, kind=kind, **{"as": reading}), key("5")).children[0].reason
    assert ("does not fit" in reason) is not fits


def test_sentences_say_how_a_field_is_read():
    assert describe(load(asked("greater_than", 1000))) == "Metadata › key as a number is greater than 1000"
    text = describe(load(asked("greater_than", 5, **COUNTED)))
    assert text == "Number of items in lines › Data is greater than 5"
    reason = evaluate(asked("greater_than", 1000), key("1200")).children[0].reason
    assert reason == "Metadata › key as a number was “1200”, which is greater than 1000."
