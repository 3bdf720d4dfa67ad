import pytest
import stripe


def test_an_invoice_goes_its_way(api, standin):
    made = standin.make("invoice", total=4_200)

    api.invoices.update(made["id"], {"auto_advance": False, "metadata": {"seen": "yes"}})
    assert api.invoices.finalize_invoice(made["id"]).status == "open"
    assert api.invoices.send_invoice(made["id"]).number
    paid = api.invoices.pay(made["id"])

    assert (paid.status, paid.amount_paid, paid.metadata["seen"]) == ("paid", 4_200, "yes")
    names = [one["effect"] for one in standin.effects()]
    assert names == ["invoice.updated", "invoice.finalized", "invoice.sent", "invoice.paid"]


@pytest.mark.parametrize(("status", "step"), [("paid", "void_invoice"), ("open", "finalize_invoice")])
def test_an_invoice_refuses_what_its_status_does_not_allow(api, standin, status, step):
    made = standin.make("invoice", status=status)
    with pytest.raises(stripe.InvalidRequestError, match="it is"):
        getattr(api.invoices, step)(made["id"])


def test_lists_by_filter_and_cursor(api, standin):
    customer = standin.create_customer()["id"]
    made = [standin.make("invoice", customer=customer)["id"] for _ in range(3)]
    standin.make("invoice")

    first = api.invoices.list({"customer": customer, "limit": 2})
    second = api.invoices.list({"customer": customer, "limit": 2, "starting_after": first.data[-1].id})

    assert [one.id for one in (*first.data, *second.data)] == made[::-1]
    assert (first.has_more, second.has_more) == (True, False)


def test_a_subscription_is_canceled_once(api, standin):
    made = standin.make("subscription")["id"]
    assert api.subscriptions.cancel(made).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        api.subscriptions.cancel(made)


def test_a_review_is_approved_and_a_dispute_lost(api, standin):
    assert api.reviews.approve(standin.make("review")["id"]).closed_reason == "approved"
    assert api.disputes.close(standin.make("dispute")["id"]).status == "lost"


def test_a_checkout_session_says_what_was_bought(api, standin):
    session = standin.make("checkout.session")["id"]
    assert api.checkout.sessions.line_items.list(session).data[0].description == "Sample plan"
