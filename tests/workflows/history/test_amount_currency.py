import pytest

from stripeflow.actions import registry
from stripeflow.workflows.display.values import amount_text
from stripeflow.workflows.history.amount_currency import currencies_of

REFUND = registry.get("stripe.refunds.create")
SCOPE = {
    "trigger": {"id": "pi_1", "amount": 500, "currency": "eur"},
    "steps": {"retrieve_charge": {"amount": 1499, "currency": "usd"}},
}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("{{ steps.retrieve_charge.amount }}", {"amount": "usd"}),
        ("{{ trigger.amount }}", {"amount": "eur"}),
        ("{{ steps.other.amount }}", {}),
        ("{{ trigger.amount }} and more", {}),
        ("{{ trigger.", {}),
        ({"amount": 1500, "currency": "usd"}, {}),
        (None, {}),
    ],
)
def test_currency_is_that_of_the_value_that_the_input_refers_to(raw, found):
    assert currencies_of(REFUND, {"amount": raw}, SCOPE) == found


def test_nothing_is_nothing_in_every_currency():
    assert amount_text(0, None) == "0"
