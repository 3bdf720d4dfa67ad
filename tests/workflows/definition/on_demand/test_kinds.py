"""What each kind of input takes, holds and is called, for all kinds alike."""

import pytest

from stripeflow.triggers.catalogue import FieldType
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.schema import schema

GOOD = {
    "text": ("Late delivery", {"it": "Late delivery"}),
    "long_text": ("One\nTwo", {"it": "One\nTwo"}),
    "whole_number": (-3, {"it": -3}),
    "number": (2.5, {"it": 2.5}),
    "amount": ({"amount": 4800, "currency": "USD"}, {"it": 4800, "it_currency": "usd"}),
    "yes_no": (False, {"it": False}),
    "choice": ("fast", {"it": "fast"}),
    "date": ("2026-11-30", {"it": 1_795_996_800}),
    "email": ("a@example.com", {"it": "a@example.com"}),
    "stripe_id": ("ch_1", {"it": "ch_1"}),
}
BAD = {
    "text": [5, "two\nlines", "x" * 256],
    "long_text": [5, "x" * 20_001],
    "whole_number": [1.5, "1", True, 2**53 + 1],
    "number": ["1", True, float("nan"), float("inf")],
    "amount": [5, {"amount": 5}, {"amount": 1.5, "currency": "usd"}, {"amount": 5, "currency": "xxx"}],
    "yes_no": ["yes", 1],
    "choice": ["slow", 1],
    "date": ["30.11.2026", "2026-02-31", "2026-11-30T10:00", 5],
    "email": ["nobody", "a@example.com, b@example.com"],
    "stripe_id": ["has space", "cus_1", 5],
}

# What JSON can hold, and no kind takes.
ODD = [
    [],
    {},
    [[]],
    {"amount": []},
    {"amount": 10**400, "currency": "usd"},
    {"amount": 1, "currency": []},
    10**400,
    -(10**400),
]


def declared(kind, **more):
    needs = {"choices": ("fast", "cheap"), "of": "charge"}
    given = {name: needs[name] for name in KINDS[kind].needs}
    return Declared("it", kind, "This one", **given | more)


def test_every_kind_is_tried_here():
    assert KINDS.keys() == GOOD.keys() == BAD.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_checked_and_held_as_references_read_it(kind, settings):
    settings.TIME_ZONE = "UTC"
    value, held = GOOD[kind]
    one = declared(kind)
    field = KINDS[kind].field(one)
    assert field.check(value) == []
    assert KINDS[kind].held(one, field.clean(value)) == held


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_value_is_refused_by_the_title_of_the_input(kind):
    field = KINDS[kind].field(declared(kind))
    for value in BAD[kind]:
        (problem,) = field.check(value)[:1]
        assert "“This one”" in problem.message, value


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:20])
@pytest.mark.parametrize("kind", KINDS)
def test_odd_json_is_refused_as_any_wrong_value_is(kind, odd):
    field = KINDS[kind].field(declared(kind, required=True))
    assert field.check(odd)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_is_null_and_missing_only_if_it_is_required(kind):
    field = KINDS[kind].field(declared(kind))
    assert set(KINDS[kind].held(declared(kind), field.clean(None)).values()) == {None}
    (problem,) = KINDS[kind].field(declared(kind, required=True)).check(None)
    assert problem.message == "“This one” is required."


@pytest.mark.parametrize("kind", KINDS)
def test_its_fields_are_those_that_an_event_holds(kind):
    fields = KINDS[kind].carried(declared(kind))
    assert [one.name for one in fields] == list(GOOD[kind][1])
    assert [one.nullable for one in fields] == [True] * len(fields)
    assert not any(one.nullable for one in KINDS[kind].carried(declared(kind, required=True)))


@pytest.mark.parametrize("kind", KINDS)
def test_its_sample_is_a_value_that_it_takes(kind):
    one = declared(kind)
    assert KINDS[kind].field(one).check(KINDS[kind].sample(one)) == []


def test_an_amount_finds_its_currency_beside_it():
    amount, currency = KINDS["amount"].carried(declared("amount"))
    assert (amount.type, amount.currency_path, currency.label) == (
        FieldType.MONEY,
        "it_currency",
        "This one: currency",
    )


def test_an_id_names_its_object_and_a_choice_its_values():
    (charge,) = KINDS["stripe_id"].carried(declared("stripe_id"))
    (choice,) = KINDS["choice"].carried(declared("choice"))
    assert (charge.id_of, choice.enum) == (("charge",), ("fast", "cheap"))


@pytest.mark.parametrize("text", ["anything-1", "cust_9", "py_1"])
def test_an_id_whose_kind_nobody_can_tell_is_let_through(text):
    assert KINDS["stripe_id"].field(declared("stripe_id")).check(text) == []


def test_the_schema_of_a_definition_lists_the_kinds():
    item = next(
        one["then"]["properties"]["asks_for"]["items"]
        for one in schema()["$defs"]["trigger"]["allOf"]
        if one["then"]["properties"]["type"]["const"] == "on_demand"
    )
    assert item["properties"]["kind"]["enum"] == list(KINDS)
