"""Filters in words: each argument is named, of every filter there is."""

import pytest

from stripeflow.workflows.references import FILTERS, FilterCall, PathArgument, parse, parse_path
from stripeflow.workflows.references.filter_words import filter_words
from stripeflow.workflows.references.filters import check_call, temporarily
from tests.workflows.made_up_filter import MASKED

# A value of its own for each argument, by the argument's name.
VALUES = {
    "currency": "eur",
    "format": "%d.%m.",
    "timezone": "Asia/Tokyo",
    "value": "nobody",
    "length": 37,
    "separator": " ~ ",
    "field": "price.id",
    "number": 512,
    "percentage": "2.9",
    "days": 41,
    "other": "2031-05-17",
    "fields": "sku, total:money",
    "shown": 3,
}


NAMES = {"trigger.fee": "Fee", "steps.a.days": "Look it up › Days", "trigger.currency": "Currency"}


def calls_of(written):
    return parse("{{ trigger.x | %s }}" % written).references[0].filters


@pytest.mark.parametrize("key", [*FILTERS, MASKED.key])
def test_words_name_each_argument(key):
    with temporarily(MASKED):
        entry = FILTERS[key]
        call = FilterCall(key, tuple(VALUES[one.name] for one in entry.arguments))
        assert check_call(call) == ""
        words = filter_words(call, NAMES.get)
        assert [str(value) for value in call.arguments if str(value) not in words] == []


@pytest.mark.parametrize("key", [key for key, entry in FILTERS.items() if entry.arguments])
def test_an_argument_that_is_a_path_stands_as_what_people_call_it(key):
    paths = tuple(f"trigger.of_{one.name}" for one in FILTERS[key].arguments)
    words = filter_words(
        FilterCall(key, tuple(PathArgument(parse_path(path)) for path in paths)), "<{}>".format
    )
    assert [path for path in paths if f"<{path}>" not in words] == []
    assert "“<" not in words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("minus(500)", "minus 500"),
        ("plus(trigger.fee)", "plus Fee"),
        ('percent("2.9")', "2.9 percent of it"),
        ("add_days(1)", "1 day later"),
        ('add_days(-3, "Europe/Berlin")', "3 days earlier, in Europe/Berlin"),
        ("add_days(steps.a.days)", "Look it up › Days days later"),
        ('default("nobody")', "or “nobody”"),
        ("default(trigger.fee)", "or Fee"),
        ("money", ""),
        ('money("eur")', "in eur"),
        ("money(trigger.currency)", "in Currency"),
        ('date("%d.%m.")', "date and time, as “%d.%m.”"),
        ("truncate(20)", "shortened to 20 characters"),
        ('map("price.id") | join("; ")', "“price.id” of each item, joined, with “; ” between"),
        ('days_until("2031-05-17")', "days until 2031-05-17"),
        ('default("{number}")', "or “{number}”"),
        ("upper", "capital letters"),
    ],
)
def test_what_filters_do_in_words(written, words):
    assert ", ".join(filter_words(call, NAMES.get) for call in calls_of(written)) == words


def test_a_number_beside_an_amount_of_money_is_in_minor_units():
    (call,) = calls_of("minus(500)")
    assert filter_words(call, NAMES.get, of_money=True) == "minus 500 minor units"
    (call,) = calls_of("percent(10)")
    assert filter_words(call, NAMES.get, of_money=True) == "10 percent of it"


def test_a_filter_that_is_not_registered_stands_as_it_is_written():
    assert filter_words(FilterCall("gone", (5,)), NAMES.get) == "gone(5)"
