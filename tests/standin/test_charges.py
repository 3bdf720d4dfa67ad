import pytest
import stripe


@pytest.fixture
def charge(standin):
    return standin.payment(1000, customer="new")["charge"]


def test_metadata_of_a_charge_can_be_updated(api, charge):
    assert api.charges.update(charge["id"], {"metadata": {"a": "b"}}).metadata["a"] == "b"


def test_update_makes_an_event(api, charge, standin):
    api.charges.update(charge["id"], {"description": "Seen"})

    [event] = standin.events("charge.updated")
    assert event["data"]["previous_attributes"] == {"description": None}


def test_amount_of_a_charge_cannot_be_updated(api, charge):
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        api.charges.update(charge["id"], {"amount": 1})


def test_charges_are_listed_by_payment_intent(api, charge, standin):
    standin.payment(1000)

    listed = api.charges.list({"payment_intent": charge["payment_intent"]})

    assert [item.id for item in listed.data] == [charge["id"]]


def test_refunds_of_a_charge_can_be_expanded(api, charge):
    refund = api.refunds.create({"charge": charge["id"], "amount": 100})

    expanded = api.charges.retrieve(charge["id"], {"expand": ["refunds"]})

    assert [item.id for item in expanded.refunds.data] == [refund.id]
