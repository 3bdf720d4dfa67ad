import pytest
import stripe


def test_confirmed_payment_succeeds_with_its_charge(api):
    intent = api.payment_intents.create(
        {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )

    assert intent.status == "succeeded"
    assert api.charges.retrieve(intent.latest_charge).amount == 2000


def test_payment_waits_for_its_confirmation(api):
    intent = api.payment_intents.create({"amount": 2000, "currency": "usd"})

    assert intent.status == "requires_payment_method"
    assert intent.latest_charge is None


def test_payment_can_be_confirmed_later(api):
    intent = api.payment_intents.create({"amount": 2000, "currency": "usd"})

    assert api.payment_intents.confirm(intent.id).status == "succeeded"


def test_payment_cannot_be_confirmed_twice(api, standin):
    paid = standin.payment(1000)["payment_intent"]

    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.payment_intents.confirm(paid["id"])

    assert raised.value.code == "payment_intent_unexpected_state"


def test_payment_makes_its_events_in_order(api, standin):
    api.payment_intents.create({"amount": 2000, "currency": "usd", "confirm": True})

    types = [event["type"] for event in standin.events()]
    assert types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_charge_refers_to_customer_and_payment_method(api, standin):
    customer = standin.create_customer()
    charge = standin.payment(1000, customer=customer["id"])["charge"]

    assert charge["customer"] == customer["id"]
    assert api.payment_methods.retrieve(charge["payment_method"]).customer == customer["id"]


def test_payment_of_an_unknown_customer_is_refused(api):
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        api.payment_intents.create({"amount": 2000, "currency": "usd", "customer": "cus_none"})


@pytest.mark.parametrize("params", [{"amount": 2000}, {"currency": "usd"}])
def test_amount_and_currency_are_required(api, params):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.payment_intents.create(params)

    assert raised.value.code == "parameter_missing"


def test_unknown_currency_is_refused(api):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency"):
        api.payment_intents.create({"amount": 2000, "currency": "zzz"})


def test_metadata_of_a_payment_can_be_updated(api, standin):
    paid = standin.payment(1000)["payment_intent"]

    assert api.payment_intents.update(paid["id"], {"metadata": {"a": "b"}}).metadata["a"] == "b"


def test_payments_are_listed_by_customer(api, standin):
    customer = standin.create_customer()
    paid = standin.payment(1000, customer=customer["id"])
    standin.payment(1000)

    listed = api.payment_intents.list({"customer": customer["id"]})

    assert [item.id for item in listed.data] == [paid["payment_intent"]["id"]]


def test_expansion_gives_the_charge_and_what_it_refers_to(api, standin):
    paid = standin.payment(1000, customer="new")["payment_intent"]

    intent = api.payment_intents.retrieve(
        paid["id"], {"expand": ["latest_charge.balance_transaction", "customer"]}
    )

    assert intent.latest_charge.balance_transaction.amount == 1000
    assert intent.customer.email == "buyer@example.com"


def test_expansion_in_a_list(api, standin):
    standin.payment(1000)

    listed = api.payment_intents.list({"expand": ["data.latest_charge"]})

    assert listed.data[0].latest_charge.amount == 1000


def test_what_cannot_be_expanded_is_refused(api, standin):
    paid = standin.payment(1000)["payment_intent"]

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        api.payment_intents.retrieve(paid["id"], {"expand": ["amount"]})
