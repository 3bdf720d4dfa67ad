import json

import pytest

from stripeflow.triggers.catalogue import UnknownObject, object_names, sample


@pytest.mark.parametrize("object_name", object_names())
def test_every_object_has_a_sample_in_json(object_name):
    built = sample(object_name)
    assert json.loads(json.dumps(built, allow_nan=False)) == built


def test_payment_intent_looks_like_a_paid_one():
    built = sample("payment_intent")
    seen = {key: built[key] for key in ("amount", "amount_received", "currency", "status", "customer", "id")}
    assert seen == {
        "amount": 200000,
        "amount_received": 200000,
        "currency": "usd",
        "status": "succeeded",
        "customer": "cus_sample",
        "id": "pi_sample",
    }


def test_charge_is_not_refunded():
    built = sample("charge")
    assert (built["id"], built["amount_refunded"], built["refunded"]) == ("ch_sample", 0, False)


def test_warning_names_its_charge():
    built = sample("radar.early_fraud_warning")
    assert (built["charge"], built["fraud_type"]) == ("ch_sample", "card_never_received")


def test_list_object_holds_one_item():
    lines = sample("invoice")["lines"]
    assert (lines["object"], len(lines["data"])) == ("list", 1)
    assert lines["data"][0]["id"] == "il_sample"


def test_samples_are_not_shared():
    sample("charge")["metadata"]["tier"] = "VIP"
    assert sample("charge")["metadata"] == {}


def test_unknown_object_raises():
    with pytest.raises(UnknownObject):
        sample("no_such_object")
