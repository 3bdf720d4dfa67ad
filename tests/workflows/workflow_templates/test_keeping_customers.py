"""Templates that keep customers: with every optional field of the object empty, and with each filled in."""

import pytest

from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL

pytestmark = pytest.mark.django_db


def asked(office, is_full, amount, currency="usd"):
    office.activate("refund_on_request")
    charge = office.standin.payment(20_000, currency)["charge"]
    wanted = {"charge": charge["id"], "amount": {"amount": amount, "currency": currency}}
    return office.starts(**wanted, **({"reason": "It was broken."} if is_full else {}))


def refunded(office):
    return [one["data"]["amount"] for one in office.standin.effects("refund.created")]


@EMPTY_AND_FULL
def test_a_small_refund_is_made_at_once(office, is_full):
    assert asked(office, is_full, 5_000).status == "succeeded"
    assert (refunded(office), office.calls()) == ([5_000], ["POST /v1/refunds"])
    assert office.mail() == [("recipients", "Refunded: $50.00 USD")]
    assert ("Reason: It was broken." in office.last) is is_full


@pytest.mark.parametrize(("amount", "currency"), [(5_001, "usd"), (100, "eur")])
def test_a_larger_one_or_one_in_another_currency_is_approved(office, amount, currency):
    run = asked(office, True, amount, currency)
    assert (run.status, refunded(office)) == ("waiting", [])
    office.mail()
    assert office.decided(run).status == "succeeded"
    assert refunded(office) == [amount]


@pytest.mark.parametrize("verdict", ["decline", "nobody"])
def test_a_refund_that_nobody_approves_is_not_made(office, verdict):
    run = asked(office, True, 15_000)
    office.mail()
    run = office.decided(run, "decline") if verdict == "decline" else office.later(run, days=7)
    assert (run.status, office.calls()) == ("succeeded", [])
    assert office.mail() == [("recipients", "Not refunded: $150.00 USD")]


def test_no_more_is_refunded_than_was_paid(office):
    run = asked(office, False, 20_001)
    assert (office.decided(run).status, office.calls()) == ("failed", [])
