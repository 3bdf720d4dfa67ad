"""Templates that prevent loss: with every optional field of the object empty, and with each filled in."""

import pytest

from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL

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
