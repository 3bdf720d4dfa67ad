"""Templates that recover money: with every optional field of the object empty, and with each filled in."""

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
