"""Templates that prevent loss: with every optional field of the object empty, and with each filled in."""

import pytest

from tests.workflows.approvals import asked
from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL, emptied, filled

pytestmark = pytest.mark.django_db
DAY = 86_400


def disputed(office, is_full, **fields):
    charge = office.standin.payment(5_000)["charge"]
    due = int(office.now.timestamp()) + 9 * DAY if is_full else None
    details = {"due_by": due, "has_evidence": False, "past_due": False, "submission_count": 0}
    return office.make(
        "dispute", is_full, charge=charge["id"], amount=5_000, evidence_details=details, **fields
    )


@EMPTY_AND_FULL
def test_a_dispute_is_told_of_and_its_deadline_is_watched(office, is_full):
    office.activate("dispute_deadline")
    dispute = disputed(office, is_full)
    run = office.happens("charge.dispute.created", dispute)
    assert office.mail() == [("recipients", "Dispute over $50.00 USD")]
    assert ("Answer by: —" in office.last) is not is_full
    if is_full:
        assert run.status == "waiting"
        run = office.later(run, days=7)
        assert office.mail() == [("recipients", "Nobody has answered the dispute over $50.00 USD yet")]
    assert run.status == "succeeded"
    assert office.calls() == []


def test_a_dispute_that_was_answered_needs_no_reminder(office):
    office.activate("dispute_deadline")
    run = office.happens("charge.dispute.created", disputed(office, is_full=True, status="under_review"))
    assert office.later(run, days=7).status == "succeeded"
    assert len(office.mail()) == 1


def draft(office, is_full, **fields):
    due = {"total": 250_000, "amount_due": 250_000, "customer": None}
    return office.make("invoice", is_full, **{"status": "draft", **due, **fields})


@EMPTY_AND_FULL
@pytest.mark.parametrize(("method", "call"), [("send_invoice", "send"), ("charge_automatically", "finalize")])
def test_a_large_draft_goes_out_once_it_is_approved(office, is_full, method, call):
    office.activate("draft_invoices")
    invoice = draft(office, is_full, collection_method=method)
    run = office.happens("invoice.created", invoice)
    assert run.status == "waiting"
    assert office.standin.object(invoice["id"])["auto_advance"] is False
    assert office.decided(run).status == "succeeded"
    assert office.standin.object(invoice["id"])["status"] == "open"
    path = f"POST /v1/invoices/{invoice['id']}"
    assert office.calls() == [path, f"{path}/{call}"]


@pytest.mark.parametrize("verdict", ["decline", "nobody"])
def test_a_draft_that_nobody_wants_stays_a_draft(office, verdict):
    office.activate("draft_invoices")
    invoice = draft(office, is_full=True, collection_method="send_invoice")
    run = office.happens("invoice.created", invoice)
    office.mail()
    run = office.decided(run, "decline") if verdict == "decline" else office.later(run, days=7)
    assert run.status == "succeeded"
    subject = {"decline": "Declined: the invoice over", "nobody": "Nobody has decided on the invoice over"}
    assert office.mail() == [("recipients", f"{subject[verdict]} $2,500.00 USD")]
    assert office.calls() == [f"POST /v1/invoices/{invoice['id']}"]
    assert office.standin.object(invoice["id"])["status"] == "draft"


def test_an_invoice_that_is_final_by_then_is_left_alone(office):
    office.activate("draft_invoices")
    invoice = draft(office, is_full=True, collection_method="send_invoice", status="open")
    run = office.happens("invoice.created", {**invoice, "status": "draft"})
    assert (run.status, office.calls(), office.mail()) == ("succeeded", [], [])


def in_review(office, is_full):
    """A review whose charge is all that it may have, and of one that says nothing of it."""
    charge = office.standin.payment(5_000)["charge"]["id"] if is_full else None
    return office.make("review", is_full, charge=charge, reason="rule", open=True)


def test_a_review_is_approved_by_a_person(office):
    office.activate("radar_reviews")
    review = in_review(office, is_full=True)
    run = office.happens("review.opened", review)
    assert (run.status, office.calls()) == ("waiting", [])
    assert "Risk: normal" in asked(run).question
    assert office.decided(run).status == "succeeded"
    assert office.calls() == [f"POST /v1/reviews/{review['id']}/approve"]


def test_a_payment_that_is_not_good_is_refunded_once_somebody_has_seen_the_refund(office):
    office.activate("radar_reviews")
    run = office.happens("review.opened", in_review(office, is_full=True))
    run = office.decided(run, "decline")
    assert (run.status, office.calls()) == ("waiting", [])
    assert [(one["amount"], one["currency"]) for one in asked(run).would] == [(5_000, "usd")]
    assert office.decided(run).status == "succeeded"
    assert office.calls() == ["POST /v1/refunds"]


@pytest.mark.parametrize("is_declined", [False, True], ids=["the payment", "its refund"])
def test_nothing_happens_to_a_review_without_a_decision(office, is_declined):
    office.activate("radar_reviews")
    run = office.happens("review.opened", in_review(office, is_full=True))
    run = office.decided(run, "decline") if is_declined else run
    office.mail()
    assert office.later(run, days=7).status == "succeeded"
    assert (office.calls(), office.mail()) == (
        [],
        [("recipients", "Nobody has decided on the review of $50.00 USD")],
    )


def test_a_review_that_is_closed_elsewhere_ends_the_run(office):
    office.activate("radar_reviews")
    review = in_review(office, is_full=True)
    run = office.happens("review.opened", review)
    office.happens("review.closed", review)
    assert (office.at_work(run).status, office.calls()) == ("canceled", [])


def test_a_review_without_a_charge_is_shown_to_the_team(office):
    office.activate("radar_reviews")
    run = office.happens("review.opened", in_review(office, is_full=False))
    assert (run.status, office.mail()) == ("succeeded", [("recipients", "A payment is in review")])


@EMPTY_AND_FULL
@pytest.mark.parametrize(("amount", "calls"), [(1_499, ["POST /v1/refunds"]), (1_500, [])])
def test_a_small_charge_is_refunded_when_fraud_is_suspected(office, is_full, amount, calls):
    office.activate("fraud_warnings")
    charge = office.standin.payment(amount)["charge"]
    warning = office.standin.fraud_warning(charge["id"], deliver=False)["early_fraud_warning"]
    change = (filled if is_full else emptied)(warning, charge=charge["id"])
    run = office.happens("radar.early_fraud_warning.created", {**warning, **change})
    assert (run.status, office.calls()) == ("succeeded", calls)
    assert office.mail() == ([] if calls else [("recipients", "Early fraud warning: please investigate")])
