import pytest

from stripeflow.actions.builtin.refund_limits import (
    NotOurs,
    RefundRequest,
    check_cap,
    check_charge,
    is_undone,
    own_refund,
    undone_refund,
)
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import PermanentError

MARK = {"stripeflow_run": "r", "stripeflow_step": "s"}


def charge(**changes):
    return {"id": "ch_1", "amount": 2_000, "amount_refunded": 500, "currency": "usd", **changes}


@pytest.mark.parametrize(
    "wanted",
    [
        RefundRequest(),
        RefundRequest(amount=1_500),
        RefundRequest(amount=1_500, currency="USD"),
        RefundRequest(cap=1_500, cap_currency="usd"),
        RefundRequest(amount=100, cap=100),
    ],
)
def test_within_the_limits(wanted):
    assert check_charge(charge(), wanted) == (1500 if wanted.amount is None else wanted.amount)


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (
            RefundRequest(amount=1_501),
            "more_than_left",
            "The refund of $15.01 USD is more than the $15.00 USD left of the charge.",
        ),
        (
            RefundRequest(cap=1_499),
            "above_limit",
            "The refund of $15.00 USD is more than this step's limit of $14.99 USD.",
        ),
        (
            RefundRequest(amount=100, cap=99),
            "above_limit",
            "The refund of $1.00 USD is more than this step's limit of $0.99 USD.",
        ),
        (
            RefundRequest(amount=100, currency="eur"),
            "currency_mismatch",
            "The refund is in EUR, and the charge ch_1 in USD.",
        ),
        (
            RefundRequest(cap=100, cap_currency="jpy"),
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
        check_charge(charge(amount_refunded=2_000), RefundRequest())


def test_without_a_cap_any_amount_passes():
    assert check_cap(10**9, None, "usd") is None


CONTEXT = ActionContext(
    run_id="r", workflow_name="", step_key="s", step_name="", idempotency_key="k", since=1_700_000_000.25
)
WHOLE, HALF, HALF_OR_REST = (
    RefundRequest(),
    RefundRequest(amount=1_000),
    RefundRequest(amount=1_000, or_rest=True),
)


def refund(amount=2_000, **changes):
    return {
        "id": "re_1",
        "amount": amount,
        "created": 1_700_000_000,
        "status": "succeeded",
        "metadata": MARK,
        **changes,
    }


def earlier(amount, status="succeeded"):
    return refund(amount, id="re_0", metadata={}, status=status)


@pytest.mark.parametrize(
    "metadata", [{**MARK, "stripeflow_step": "other"}, {"stripeflow_run": "r"}, {}, None], ids=str
)
def test_a_refund_without_the_whole_mark_is_not_the_steps(metadata):
    assert own_refund([refund(metadata=metadata)], charge(), WHOLE, CONTEXT) is None


@pytest.mark.parametrize(
    ("wanted", "refunds"),
    [
        (WHOLE, [refund()]),
        (WHOLE, [refund(metadata={**MARK, "more": "x"})]),
        (WHOLE, [refund(1_500), earlier(500)]),
        (WHOLE, [earlier(1), refund(1_500), earlier(500)]),
        # The earlier one may have failed at the bank before or after.
        (WHOLE, [refund(1_500), earlier(500, "failed")]),
        (WHOLE, [refund(2_000), earlier(500, "failed")]),
        (HALF, [refund(1_000), earlier(200)]),
        (HALF_OR_REST, [refund(1_000), earlier(1_000)]),
        (HALF_OR_REST, [refund(700), earlier(1_300)]),
        # A stranger's marked one beside it changes nothing.
        (HALF, [refund(1, id="re_2"), refund(1_000)]),
    ],
)
def test_a_refund_that_is_marked_and_what_the_step_asks_for_is_its_own(wanted, refunds):
    found = own_refund(refunds, charge(), wanted, CONTEXT)
    assert found["id"] == "re_1"


@pytest.mark.parametrize(
    ("wanted", "refunds"),
    [
        (WHOLE, [refund(1)]),
        (WHOLE, [refund(2_000), earlier(500)]),
        (HALF, [refund(999)]),
        (HALF, [refund(1_001)]),
        (HALF_OR_REST, [refund(700), earlier(1_200)]),
        (HALF, [refund(1_000, created=1_699_999_999)]),
    ],
)
def test_a_mark_on_what_the_step_does_not_ask_for_is_for_a_person_to_judge(wanted, refunds):
    with pytest.raises(NotOurs) as told:
        own_refund(refunds, charge(), wanted, CONTEXT)
    assert (told.value.code, "re_1" in told.value.message) == ("not_our_refund", True)


def test_a_marked_refund_that_came_to_nothing_is_neither():
    undone = refund(status="failed")
    assert own_refund([undone], charge(), WHOLE, CONTEXT) is None
    assert undone_refund([refund(metadata={}), undone], CONTEXT) == undone


@pytest.mark.parametrize(
    ("status", "undone"), [("succeeded", False), ("pending", False), ("failed", True), ("canceled", True)]
)
def test_a_refund_that_came_to_nothing_is_undone(status, undone):
    assert is_undone({"status": status}) is undone
