"""Templates that recover money: with every optional field of the object empty, and with each filled in."""

from datetime import timedelta

import pytest

from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL

pytestmark = pytest.mark.django_db


def overdue(office, is_full, **fields):
    return office.make("invoice", is_full, **{"status": "open", "total": 20_000, **fields})


@EMPTY_AND_FULL
def test_an_overdue_invoice_is_followed_up(office, is_full):
    office.activate("overdue_invoices")
    run = office.happens("invoice.overdue", overdue(office, is_full))
    assert office.mail() == [("recipients", "An invoice over $200.00 USD is overdue")]
    assert ("Customer's e-mail: c@example.com" in office.last) is is_full
    assert run.status == "waiting"
    run = office.later(run, days=7)
    assert (run.status, office.calls()) == ("succeeded", [])
    assert office.mail() == [("escalation", "Still not paid: an invoice over $200.00 USD")]


@pytest.mark.parametrize("event", ["invoice.paid", "invoice.voided", "invoice.marked_uncollectible"])
def test_an_invoice_that_is_settled_is_not_escalated(office, event):
    office.activate("overdue_invoices")
    invoice = overdue(office, is_full=True)
    run = office.happens("invoice.overdue", invoice)
    office.happens(event, invoice)
    assert office.at_work(run).status == "succeeded"
    assert len(office.mail()) == 1


def test_a_small_invoice_is_no_matter(office):
    office.activate("overdue_invoices")
    assert office.happens("invoice.overdue", overdue(office, is_full=False, total=10_000)) is None


def unpaid(office, is_full, *, next_try=None, **fields):
    """A failed invoice of a subscription if it has all that it may have, else of none."""
    subscription = office.standin.make("subscription")["id"] if is_full else None
    details = {"subscription_details": {"subscription": subscription}} if is_full else None
    fixed = {"status": "open", "attempt_count": 1, "total": 2_000, "parent": details, **fields}
    invoice = office.make("invoice", is_full, next_payment_attempt=next_try, **fixed)
    tomorrow = int(office.now.timestamp()) + 86_400
    return subscription, {**invoice, "next_payment_attempt": tomorrow}


@EMPTY_AND_FULL
def test_after_two_emails_and_stripes_last_try_somebody_is_asked(office, is_full):
    office.activate("dunning")
    subscription, invoice = unpaid(office, is_full)
    run = office.happens("invoice.payment_failed", invoice)
    assert office.mail() == [("recipients", "Payment failed: $20.00 USD")]
    run = office.later(run, days=3)
    assert office.mail() == [("recipients", "Still not paid: $20.00 USD")]
    run = office.later(run, days=7)
    if is_full:
        assert (run.status, office.calls()) == ("waiting", [])
        assert office.decided(run).status == "succeeded"
        assert office.calls() == [f"DELETE /v1/subscriptions/{subscription}"]
    else:
        assert office.mail() == [("recipients", "Stripe no longer tries to collect $20.00 USD")]
        assert (run.status, office.calls()) == ("succeeded", [])


@pytest.mark.parametrize("verdict", ["decline", "nobody"])
def test_a_subscription_that_nobody_ends_goes_on_and_the_team_hears_of_it(office, verdict):
    office.activate("dunning")
    _subscription, invoice = unpaid(office, is_full=True)
    run = office.later(office.later(office.happens("invoice.payment_failed", invoice), days=3), days=7)
    office.mail()
    run = office.decided(run, "decline") if verdict == "decline" else office.later(run, days=7)
    assert (run.status, office.calls()) == ("succeeded", [])
    assert office.mail() == [("recipients", "Not canceled, not paid: $20.00 USD")]


def test_nothing_is_canceled_or_collected_while_stripe_tries(office):
    office.activate("dunning")
    _subscription, invoice = unpaid(office, is_full=True, next_try=1_900_000_000)
    run = office.happens("invoice.payment_failed", invoice)
    run = office.later(office.later(run, days=3), days=7)
    assert (run.status, office.calls()) == ("succeeded", [])
    assert office.mail()[-1] == ("recipients", "Stripe still tries to collect $20.00 USD")


@pytest.mark.parametrize("when", ["while it waits", "while people decide"])
def test_dunning_ends_when_the_invoice_is_paid(office, when):
    office.activate("dunning")
    _subscription, invoice = unpaid(office, is_full=True)
    run = office.happens("invoice.payment_failed", invoice)
    if when == "while people decide":
        run = office.later(office.later(run, days=3), days=7)
    assert run.status == "waiting"
    office.happens("invoice.paid", invoice)
    assert (office.at_work(run).status, office.calls()) == ("canceled", [])


def test_a_later_try_starts_no_second_dunning(office):
    office.activate("dunning")
    _subscription, invoice = unpaid(office, is_full=True, attempt_count=2)
    assert office.happens("invoice.payment_failed", invoice) is None


def expired(office, is_full, **fields):
    url = "https://buy.stripe.com/r/live_1"
    asked = {
        "after_expiration": {"recovery": {"url": url, "enabled": True}},
        "consent": {"promotions": "opt_in"},
        "customer_details": {"email": "C@example.com", "name": "Chris" if is_full else None},
    }
    return office.make("checkout.session", is_full, amount_total=9_000, **{**asked, **fields})


@EMPTY_AND_FULL
def test_a_customer_is_written_to_once_a_week(office, is_full):
    office.activate("abandoned_checkouts")
    for _ in range(2):
        assert office.happens("checkout.session.expired", expired(office, is_full)).status == "succeeded"
    assert office.mail() == [("recipients", "A checkout of $90.00 USD was not finished")]
    assert "Link to finish it: https://buy.stripe.com/r/live_1" in office.last
    office.now += timedelta(days=7)
    office.happens("checkout.session.expired", expired(office, is_full))
    assert len(office.mail()) == 1


@pytest.mark.parametrize("lacking", ["after_expiration", "consent", "customer_details"])
def test_nobody_is_written_to_without_link_consent_or_address(office, lacking):
    office.activate("abandoned_checkouts")
    assert (
        office.happens("checkout.session.expired", expired(office, is_full=False, **{lacking: None})) is None
    )
