"""Templates that keep customers: with every optional field of the object empty, and with each filled in."""

import pytest

from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL, emptied, filled

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


def trial(office, is_full, buyer, **fields):
    own = {"default_payment_method": None, "default_source": None}
    return office.make("subscription", is_full, customer=buyer["id"], **own, **fields)


@EMPTY_AND_FULL
def test_a_trial_without_a_card_is_told_of(office, is_full):
    office.activate("trial_without_card")
    buyer = office.standin.create_customer(**({} if is_full else {"name": "", "email": ""}))
    run = office.happens("customer.subscription.trial_will_end", trial(office, is_full, buyer))
    assert run.status == "succeeded"
    assert office.mail() == [("recipients", "A trial ends soon, without a payment method")]
    assert ("Customer's e-mail: buyer@example.com" in office.last) is is_full


def test_nobody_is_written_to_whose_trial_can_be_paid(office):
    office.activate("trial_without_card")
    settings = {"default_payment_method": "pm_1"}
    buyer = office.standin.create_customer(invoice_settings=settings)
    run = office.happens("customer.subscription.trial_will_end", trial(office, True, buyer))
    assert (run.status, office.mail()) == ("succeeded", [])


@EMPTY_AND_FULL
def test_customers_are_tagged_by_what_they_have_paid_in_all(office, is_full):
    office.activate("lifetime_value")
    buyer = office.standin.create_customer()["id"]
    for amount in (150_000, 40_000):
        paid = office.standin.payment(amount, customer=buyer)["payment_intent"]
    change = (filled if is_full else emptied)(paid, customer=buyer)
    assert office.happens("payment_intent.succeeded", {**paid, **change}).status == "succeeded"
    assert office.calls() == []
    office.standin.payment(10_001, customer=buyer)
    assert office.happens("payment_intent.succeeded", {**paid, **change}).status == "succeeded"
    assert office.calls() == [f"POST /v1/customers/{buyer}"]
    assert office.standin.object(buyer)["metadata"] == {"Tier": "VIP"}


def test_what_was_paid_in_two_currencies_is_no_sum(office):
    office.activate("lifetime_value")
    buyer = office.standin.create_customer()["id"]
    for currency in ("usd", "eur"):
        paid = office.standin.payment(500_000, currency, customer=buyer)["payment_intent"]
    assert office.happens("payment_intent.succeeded", paid).status == "succeeded"
    assert office.calls() == []


def test_a_guest_starts_no_run(office):
    office.activate("lifetime_value")
    paid = office.standin.payment(500_000, customer=None)["payment_intent"]
    assert office.happens("payment_intent.succeeded", paid) is None


@EMPTY_AND_FULL
@pytest.mark.parametrize("key", ["personalize_orders", "tag_customers"])
def test_large_payments_are_thanked_for_and_customers_are_tagged(office, is_full, key):
    office.activate(key)
    buyer = office.standin.create_customer()["id"] if is_full else None
    paid = office.standin.payment(200_001, customer=buyer)["payment_intent"]
    change = (filled if is_full else emptied)(paid, customer=buyer)
    assert office.happens("payment_intent.succeeded", {**paid, **change}).status == "succeeded"
    assert office.mail() == [("recipients", "A large order: add a thank-you note")]
    tags = is_full and key == "tag_customers"
    assert office.calls() == ([f"POST /v1/customers/{buyer}"] if tags else [])
