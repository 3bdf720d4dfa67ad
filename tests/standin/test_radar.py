import pytest

from stripeflow_site.standin.driver import StandinError


@pytest.fixture
def charge(standin):
    return standin.payment(1499)["charge"]


def test_warning_can_be_retrieved(api, charge, standin):
    made = standin.fraud_warning(charge["id"])["early_fraud_warning"]

    warning = api.radar.early_fraud_warnings.retrieve(made["id"])

    assert (warning.charge, warning.actionable) == (charge["id"], True)


def test_warnings_are_listed_by_charge(api, charge, standin):
    made = standin.fraud_warning(charge["id"])["early_fraud_warning"]
    standin.fraud_warning(standin.payment(1000)["charge"]["id"])

    listed = api.radar.early_fraud_warnings.list({"charge": charge["id"]})

    assert [item.id for item in listed.data] == [made["id"]]


def test_warning_makes_its_event(charge, standin):
    event = standin.fraud_warning(charge["id"])["event"]

    assert event["type"] == "radar.early_fraud_warning.created"
    assert event["data"]["object"]["charge"] == charge["id"]


def test_full_refund_makes_a_warning_not_actionable(api, charge, standin):
    warning = standin.fraud_warning(charge["id"])["early_fraud_warning"]

    api.refunds.create({"charge": charge["id"]})

    assert api.radar.early_fraud_warnings.retrieve(warning["id"]).actionable is False
    assert len(standin.events("radar.early_fraud_warning.updated")) == 1


def test_warning_of_an_unknown_charge_is_refused(standin):
    with pytest.raises(StandinError, match="No such charge"):
        standin.fraud_warning("ch_none")
