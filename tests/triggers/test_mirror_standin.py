"""The mirror against the Stripe stand-in, as the demo runs it."""

import json

import pytest
import stripe
from djstripe import models as djstripe

from stripeflow.triggers import inbox, mirror
from stripeflow.triggers.models import MirrorState
from stripeflow_site.standin.driver import Standin

pytestmark = pytest.mark.django_db

KEY = "sk_test_" + "d" * 24


@pytest.fixture
def standin(tmp_path, monkeypatch, settings, rung):
    settings.STRIPE_TEST_SECRET_KEY = KEY
    with Standin.start(ledger=tmp_path / "ledger.jsonl", api_key=KEY) as standin:
        monkeypatch.setattr(stripe, "api_base", standin.url)
        yield standin


def mirror_everything(standin):
    events = [inbox.accept_stripe(event, raw_body=json.dumps(event)).event for event in standin.events()]
    for event in events:
        mirror.mirror(event.pk)
        event.refresh_from_db()
    return events


def test_a_payment_and_its_fraud_warning_fill_djstripes_tables(standin):
    customer = standin.create_customer(email="buyer@example.org")
    standin.payment(200_001, "usd", customer=customer["id"])
    charge = next(event for event in standin.events("charge.succeeded"))["data"]["object"]
    standin.fraud_warning(charge["id"])
    events = mirror_everything(standin)
    assert {event.mirror_state for event in events} == {MirrorState.DONE}, [e.mirror_error for e in events]
    assert djstripe.Event.objects.count() == len(events)
    assert djstripe.Customer.objects.get(id=customer["id"]).email == "buyer@example.org"
    assert djstripe.PaymentIntent.objects.get().stripe_data["amount"] == 200_001
    assert djstripe.Charge.objects.get(id=charge["id"]).customer.id == customer["id"]
    assert djstripe.EarlyFraudWarning.objects.get().stripe_data["charge"] == charge["id"]
    assert {entry["method"] for entry in standin.requests()} == {"GET"}
