import re
from urllib.parse import urlencode

import pytest

from stripeflow_site.standin.page import CARDS

SAMPLES = [name for card in CARDS for name, _, _ in card.samples]
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def test_page_shows_a_button_for_each_sample(http_call, standin):
    status, _, text = http_call("GET", "/")

    assert status == 200
    assert re.findall(r'action="/send/([^"]+)"', text) == SAMPLES


@pytest.mark.parametrize(
    ("name", "type_", "amount", "currency", "guest"),
    [
        ("payment-usd-1000.00", "payment_intent.succeeded", 100_000, "usd", False),
        ("payment-usd-1000.01", "payment_intent.succeeded", 100_001, "usd", False),
        ("payment-eur-5000", "payment_intent.succeeded", 500_000, "eur", False),
        ("payment-jpy-5000", "payment_intent.succeeded", 5000, "jpy", False),
        ("payment-usd-2000.01", "payment_intent.succeeded", 200_001, "usd", False),
        ("guest-usd-2000.01", "payment_intent.succeeded", 200_001, "usd", True),
        ("warning-usd-14.99", "radar.early_fraud_warning.created", 1499, "usd", False),
        ("warning-usd-15.00", "radar.early_fraud_warning.created", 1500, "usd", False),
    ],
)
def test_button_sends_its_sample(http_call, standin, name, type_, amount, currency, guest):
    status, headers, _ = http_call("POST", f"/send/{name}", Content_Length="0")

    event = standin.events()[-1]
    charge = standin.events("charge.succeeded")[-1]["data"]["object"]
    assert (status, headers["Location"]) == (303, f"/?sent={event['id']}")
    assert event["type"] == type_
    assert (charge["amount"], charge["currency"], charge["customer"] is None) == (amount, currency, guest)


def test_form_sends_any_payment(http_call, standin):
    form = urlencode({"amount": "1,234.56", "currency": "eur", "customer": ""})
    status, _, _ = http_call("POST", "/payments", body=form, **FORM)

    intent = standin.events("payment_intent.succeeded")[-1]["data"]["object"]
    assert status == 303
    assert (intent["amount"], intent["currency"], intent["customer"]) == (123_456, "eur", None)


def test_form_says_what_is_wrong(http_call, standin):
    form = urlencode({"amount": '1.001"><script>', "currency": "usd", "customer": "new"})
    status, _, text = http_call("POST", "/payments", body=form, **FORM)

    assert status == 400
    assert "is not an amount" in text
    assert "<script>" not in text
    assert standin.events() == []


def test_unknown_button_is_refused(http_call, standin):
    status, _, text = http_call("POST", "/send/payment-usd-x", Content_Length="0")

    assert status == 400
    assert "no such button" in text


def test_page_tells_what_was_sent(http_call, standin):
    event = standin.payment(1000)["event"]
    _, _, text = http_call("GET", f"/?sent={event['id']}")

    assert f"Sent <code>payment_intent.succeeded</code> <code>{event['id']}</code>" in text


def test_tables_show_events_with_their_delivery(http_call, standin, receiver):
    receiver.statuses = [500] * 3
    event = standin.event("a.b", {"id": "x", "amount": 1499, "currency": "usd"})
    standin.wait_for_deliveries()
    _, _, text = http_call("GET", "/tables")

    assert event["id"] in text
    assert "$14.99 USD" in text
    assert '<span class="state failed">failed</span><span class="id">500</span>' in text


def test_tables_show_effects_with_their_key(http_call, api, standin):
    charge = standin.payment(1499)["charge"]
    api.refunds.create({"charge": charge["id"]}, {"idempotency_key": "the-key"})
    _, _, text = http_call("GET", "/tables")

    assert "refund.created" in text
    assert "the-key" in text


def test_event_can_be_delivered_again(http_call, standin, receiver):
    event = standin.event("a.b", {"id": "x"}, deliver=False)
    status, _, _ = http_call("POST", f"/deliver/{event['id']}", Content_Length="0")
    standin.wait_for_deliveries()

    assert status == 303
    assert receiver.ids == [event["id"]]


def test_values_of_events_are_escaped(http_call, standin):
    standin.event("<b>x", {"id": "<i>", "metadata": {"<u>": "<s>"}})
    _, _, text = http_call("GET", "/tables")

    assert not re.search("<[bius]>", text)


@pytest.mark.parametrize("path", ["/page.css", "/page.js"])
def test_page_brings_its_own_files(http_call, standin, path):
    status, _, _ = http_call("GET", path)

    assert status == 200


def test_page_uses_nothing_from_outside(http_call, standin):
    _, headers, text = http_call("GET", "/")

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert not re.search(r'(src|href)="(https?:)?//', text)


def test_unknown_page_is_404(http_call, standin):
    status, _, _ = http_call("GET", "/nothing")

    assert status == 404
