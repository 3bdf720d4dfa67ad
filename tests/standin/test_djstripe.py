"""dj-stripe, too, takes the stand-in for Stripe."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def djstripe(standin, monkeypatch, settings):
    import stripe
    from djstripe import models

    monkeypatch.setattr(stripe, "api_base", standin.url)
    monkeypatch.setattr(stripe, "max_network_retries", 0)
    settings.STRIPE_TEST_SECRET_KEY = standin.api_key
    return models


def test_charge_is_mirrored_with_what_it_refers_to(djstripe, standin):
    charge = standin.payment(200_001, customer="new")["charge"]

    mirrored = djstripe.Charge.sync_from_stripe_data(charge, api_key=standin.api_key)

    assert mirrored.id == charge["id"]
    assert mirrored.customer.id == charge["customer"]
    assert mirrored.balance_transaction.id == charge["balance_transaction"]
    assert mirrored.payment_intent.id == charge["payment_intent"]


def test_fraud_warning_is_mirrored(djstripe, standin):
    charge = standin.payment(1499)["charge"]
    warning = standin.fraud_warning(charge["id"])["early_fraud_warning"]

    mirrored = djstripe.EarlyFraudWarning.sync_from_stripe_data(warning, api_key=standin.api_key)

    assert mirrored.stripe_data["charge"] == charge["id"]


def test_no_call_of_dj_stripe_was_unknown(djstripe, standin):
    charge = standin.payment(1499, customer="new")["charge"]
    djstripe.Charge.sync_from_stripe_data(charge, api_key=standin.api_key)

    assert [entry["path"] for entry in standin.requests() if entry["status"] != 200] == []
