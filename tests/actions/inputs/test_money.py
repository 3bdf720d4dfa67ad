import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import MoneyInput

AMOUNT = MoneyInput("amount", label="Amount", currency_input="currency")


@pytest.mark.parametrize(
    "raw",
    [{"amount": 1500, "currency": "usd"}, {"amount": 5, "currency": "JPY"}, "{{ steps.a.amount }}", None, ""],
)
def test_accepts_raw(raw):
    assert AMOUNT.check(raw) == []


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (1500, "“Amount” must be an amount with its currency, or one dynamic reference."),
        ("1500", "“Amount” must be an amount with its currency, or one dynamic reference."),
        ("{{ a }} usd", "“Amount” must be an amount with its currency, or one dynamic reference."),
        ({"amount": 1500}, "“Amount” must be an amount with its currency, or one dynamic reference."),
        (
            {"amount": "1500", "currency": "usd"},
            "“Amount” must be an amount with its currency, or one dynamic reference.",
        ),
        (
            {"amount": True, "currency": "usd"},
            "“Amount” must be an amount with its currency, or one dynamic reference.",
        ),
        ({"amount": 5, "currency": "zzz"}, "“Amount” needs a currency that Stripe knows."),
        ({"amount": 5, "currency": None}, "“Amount” needs a currency that Stripe knows."),
        ({"amount": 0, "currency": "usd"}, "“Amount” must be more than zero."),
        ({"amount": -5, "currency": "usd"}, "“Amount” must be more than zero."),
        ({"amount": 150, "currency": "isk"}, "ISK has whole amounts only."),
    ],
)
def test_refuses_raw(raw, message):
    assert [problem.message for problem in AMOUNT.check(raw)] == [message]


def test_a_rendered_reference_is_a_whole_number_of_minor_units():
    assert AMOUNT.clean(1500) == 1500


def test_a_rendered_amount_gets_a_lower_case_currency():
    assert AMOUNT.clean({"amount": 1500, "currency": "USD"}) == {"amount": 1500, "currency": "usd"}


@pytest.mark.parametrize("value", ["1500", 15.0, True, 0, -1, ["1"], {"amount": 1}])
def test_refuses_rendered(value):
    with pytest.raises(InvalidInput, match="“Amount”"):
        AMOUNT.clean(value)


@pytest.mark.parametrize(
    ("inputs", "amount", "currency"),
    [
        ({"amount": {"amount": 5, "currency": "usd"}, "currency": "eur"}, 5, "usd"),
        ({"amount": 5, "currency": "EUR"}, 5, "eur"),
        ({"amount": 5, "currency": None}, 5, None),
        ({"amount": None, "currency": None}, None, None),
    ],
)
def test_tells_amount_and_currency(inputs, amount, currency):
    assert (AMOUNT.amount_of(inputs), AMOUNT.currency_of(inputs)) == (amount, currency)
