import pytest

from stripeflow.actions import registry
from stripeflow.actions.errors import InvalidInput, PermanentError, TransientError

RETRIEVE = registry.get("stripe.charges.retrieve")


def test_returns_the_charge(standin, context):
    charge = standin.payment(1_499)["charge"]
    assert RETRIEVE.execute({"charge": charge["id"]}, context) == standin.object(charge["id"])


def test_outputs_are_a_charge():
    assert RETRIEVE.outputs.object == "charge"


def test_an_unknown_charge_fails_for_good(standin, context):
    with pytest.raises(PermanentError, match="No such charge") as caught:
        RETRIEVE.execute({"charge": "ch_none"}, context)
    assert caught.value.code == "not_found"


def test_a_missing_charge_id_fails_by_name(context):
    with pytest.raises(InvalidInput, match="“Charge ID” has no value in this run."):
        RETRIEVE.execute({"charge": None}, context)


def test_a_rate_limit_says_when_to_come_back(standin, context):
    standin.faults("rate_limit", path="/v1/charges", retry_after=3)
    with pytest.raises(TransientError) as caught:
        RETRIEVE.execute({"charge": "ch_1"}, context)
    assert (caught.value.code, caught.value.retry_after) == ("rate_limited", 3.0)
