"""The line by which people recognise an object of Stripe."""

from datetime import UTC, datetime

import pytest

from stripeflow.workflows.display.object_words import words_of

INVOICE = {
    "amount_due": 5,
    "total": 104850,
    "currency": "eur",
    "number": "A-1",
    "customer_name": "Cy",
    "customer_email": "cy@example.com",
    "status": "open",
    "description": None,
}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, ""),
        (INVOICE, "€1,048.50 EUR · Cy · A-1 · cy@example.com · open"),
        ({"name": "Ann", "shipping": {"name": "Ben"}, "email": ""}, "Ann"),
        ({"amount": 0, "currency": "usd", "shipping": {"name": "Ben"}}, "$0.00 USD · Ben"),
        ({"amount": "much", "currency": "usd", "status": ["open"], "billing_details": "x"}, ""),
        ({"amount": 5}, ""),
        ({"amount": True, "currency": "usd"}, ""),
        ({"description": "a\n\u202eb"}, "a ⏎ [U+202E]b"),
        ({"name": "x" * 70}, "x" * 59 + "…"),
    ],
)
def test_words_are_what_the_object_holds_and_nothing_of_another_type(data, words):
    assert words_of(data, None) == words


def test_the_day_on_which_it_was_made_comes_last(settings):
    settings.TIME_ZONE = "UTC"
    assert words_of({"name": "Ann"}, datetime(2026, 11, 30, tzinfo=UTC)) == "Ann · Nov. 30, 2026"
