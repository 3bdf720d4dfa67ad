import pytest

from actions.builtin.refund_limits import Wanted, check_cap, check_charge, is_undone, own_refunds
from actions.errors import PermanentError

MARK = {"stripeflow_run": "r", "stripeflow_step": "s"}


def charge(**changes):
    return {"id": "ch_1", "amount": 2_000, "amount_refunded": 500, "currency": "usd", **changes}


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(amount=1_500),
        Wanted(amount=1_500, currency="USD"),
        Wanted(cap=1_500, cap_currency="usd"),
        Wanted(amount=100, cap=100),
    ],
)
def test_within_the_limits(wanted):
    assert check_charge(charge(), wanted) == (1500 if wanted.amount is None else wanted.amount)


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (
            Wanted(amount=1_501),
            "more_than_left",
            "The refund of $15.01 USD is more than the $15.00 USD left of the charge.",
        ),
        (
            Wanted(cap=1_499),
            "above_limit",
            "The refund of $15.00 USD is more than this step's limit of $14.99 USD.",
        ),
        (
            Wanted(amount=100, cap=99),
            "above_limit",
            "The refund of $1.00 USD is more than this step's limit of $0.99 USD.",
        ),
        (
            Wanted(amount=100, currency="eur"),
            "currency_mismatch",
            "The refund is in EUR, and the charge ch_1 in USD.",
        ),
        (
            Wanted(cap=100, cap_currency="jpy"),
            "currency_mismatch",
            "The step's limit is in JPY, and the charge ch_1 in USD.",
        ),
    ],
)
def test_beyond_the_limits(wanted, code, message):
    with pytest.raises(PermanentError) as caught:
        check_charge(charge(), wanted)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_nothing_left():
    with pytest.raises(PermanentError, match="Nothing is left to refund of the charge ch_1."):
        check_charge(charge(amount_refunded=2_000), Wanted())


def test_without_a_cap_any_amount_passes():
    assert check_cap(10**9, None, "usd") is None


@pytest.mark.parametrize(
    ("refund", "is_own"),
    [
        ({"id": "re_1", "metadata": {**MARK, "more": "x"}}, True),
        ({"id": "re_1", "metadata": MARK}, True),
        ({"id": "re_1", "metadata": {**MARK, "stripeflow_step": "other"}}, False),
        ({"id": "re_1", "metadata": None}, False),
    ],
)
def test_own_refunds_are_known_by_their_metadata(refund, is_own):
    assert (list(own_refunds([{"id": "re_0"}, refund], MARK)) == [refund]) is is_own


@pytest.mark.parametrize(
    ("status", "undone"), [("succeeded", False), ("pending", False), ("failed", True), ("canceled", True)]
)
def test_a_refund_that_came_to_nothing_is_undone(status, undone):
    assert is_undone({"status": status}) is undone
