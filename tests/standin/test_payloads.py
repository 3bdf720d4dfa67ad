import pytest
import stripe

from stripeflow_site.standin import payloads

OBJECTS = {
    "payment_intent": (stripe.PaymentIntent, lambda: payloads.payment_intent(amount=1000)),
    "charge": (stripe.Charge, lambda: payloads.charge(amount=1000)),
    "customer": (stripe.Customer, payloads.customer),
    "refund": (stripe.Refund, lambda: payloads.refund(amount=1000)),
    "warning": (stripe.radar.EarlyFraudWarning, lambda: payloads.early_fraud_warning(charge="ch_1")),
    "account": (stripe.Account, payloads.account),
    "webhook_endpoint": (stripe.WebhookEndpoint, lambda: payloads.webhook_endpoint(url="https://a.example/")),
    "payment_method": (stripe.PaymentMethod, payloads.payment_method),
    "balance_transaction": (
        stripe.BalanceTransaction,
        lambda: payloads.balance_transaction(amount=1000, source="ch_1"),
    ),
    "event": (stripe.Event, lambda: payloads.event("charge.succeeded", payloads.charge(amount=1))),
}
# Fields that the SDK no longer names, and Stripe still sends.
OLDER = {"charge": {"destination", "dispute", "order"}}


@pytest.mark.parametrize("name", OBJECTS)
def test_builders_give_only_fields_that_the_sdk_knows(name):
    cls, build = OBJECTS[name]

    assert set(build()) - set(cls.__annotations__) - OLDER.get(name, set()) == set()


@pytest.mark.parametrize("name", OBJECTS)
def test_builders_give_the_object_name_of_the_sdk(name):
    cls, build = OBJECTS[name]

    assert build()["object"] == cls.OBJECT_NAME


def test_event_has_the_api_version_of_the_sdk():
    assert payloads.event("a.b", {"id": "x"})["api_version"] == stripe.api_version


def test_event_names_its_connected_account():
    assert payloads.event("a.b", {}, account="acct_1Other")["account"] == "acct_1Other"


def test_event_of_the_platform_names_no_account():
    assert "account" not in payloads.event("a.b", {})


def test_event_carries_previous_attributes():
    event = payloads.event("a.b", {"a": 2}, previous_attributes={"a": 1})

    assert event["data"] == {"object": {"a": 2}, "previous_attributes": {"a": 1}}


def test_fields_can_be_overridden():
    assert payloads.charge(amount=5, disputed=True)["disputed"] is True
