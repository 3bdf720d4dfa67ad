import pytest

from stripeflow.actions.at_most import AT_MOST, check
from stripeflow.actions.errors import PermanentError

USD = {"amount": 1_000, "currency": "usd"}


@pytest.mark.parametrize(
    ("limit", "amount", "currency", "code"),
    [
        (None, 10**9, "usd", ""),
        (USD, 1_000, "USD", ""),
        (USD, 1_001, "usd", "above_limit"),
        (USD, 1, "eur", "currency_mismatch"),
        # A reference gives a number alone: of the currency that moves.
        (1_000, 1_000, "jpy", ""),
        (1_000, 1_001, "jpy", "above_limit"),
    ],
)
def test_a_step_moves_at_most_what_it_says(limit, amount, currency, code):
    inputs = {AT_MOST.name: AT_MOST.clean(limit)}
    try:
        check(inputs, amount=amount, currency=currency)
        found = ""
    except PermanentError as error:
        found = error.code
    assert found == code
