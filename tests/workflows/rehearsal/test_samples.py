"""Samples of events and outputs."""

import json

import pytest

from stripeflow.actions import registry
from stripeflow.actions.inputs import MoneyInput
from stripeflow.triggers import catalogue
from stripeflow.workflows.rehearsal.samples import asked_id, overlaid, sample_event, sample_object
from tests.workflows.documents import starts_on


def test_a_sample_event_carries_the_object_of_its_type():
    event = sample_event(starts_on("charge.refunded"))
    assert (event["id"], event["type"]) == ("evt_sample", "charge.refunded")
    assert event["data"]["object"]["object"] == "charge"


def test_a_sample_of_an_update_says_that_nothing_changed():
    assert sample_event(starts_on("customer.updated"))["data"]["previous_attributes"] == {}
    assert "previous_attributes" not in sample_event(starts_on("charge.refunded"))["data"]


def test_an_unknown_type_has_a_sample_too():
    assert sample_event(starts_on("no.such_type"))["data"]["object"] == {}


@pytest.mark.parametrize(
    ("key", "inputs", "wanted"),
    [
        ("stripe.charges.retrieve", {"charge": "ch_1"}, "ch_1"),
        ("stripe.charges.retrieve", {"charge": None}, ""),
        ("stripe.charges.retrieve", {}, ""),
        ("stripe.refunds.create", {"charge": "ch_1"}, ""),
    ],
)
def test_knows_which_object_is_asked_for(key, inputs, wanted):
    assert asked_id(registry.find(key), inputs) == wanted


def test_written_metadata_joins_what_the_object_has():
    action = registry.find("stripe.customers.update")
    rows = [{"key": "tier", "value": "gold"}]
    base = {"id": "cus_1", "object": "customer", "metadata": {"old": "1"}}
    value = overlaid(action, {"customer": "cus_1", "metadata": rows}, base)
    assert value["metadata"] == {"old": "1", "tier": "gold"}
    assert base["metadata"] == {"old": "1"}


@pytest.mark.parametrize("held", [None, [], "text", {}])
def test_metadata_is_written_over_whatever_the_object_holds(held):
    action = registry.find("stripe.customers.update")
    value = overlaid(action, {"metadata": [{"key": "tier", "value": "gold"}]}, {"metadata": held})
    assert value["metadata"] == {"tier": "gold"}


def test_every_event_type_has_a_sample_with_its_object():
    for known in catalogue.event_types():
        event = sample_event(starts_on(known.key))
        assert event["type"] == known.key
        assert event["data"]["object"]


def test_every_object_has_a_sample_that_can_be_sent():
    for name in catalogue.object_names():
        assert json.loads(json.dumps(sample_object(name))) == sample_object(name) != {}


def test_every_action_gives_a_sample_of_every_object():
    everything = {
        one.name: {"amount": 1, "currency": "usd"} if isinstance(one, MoneyInput) else "a"
        for action in registry.all()
        for one in action.inputs
    }
    for name in (*catalogue.object_names(), "no_such_object"):
        base = sample_object(name)
        for action in registry.all():
            for inputs in ({}, everything, dict.fromkeys(everything)):
                assert overlaid(action, inputs, base).keys() >= base.keys()


def test_plain_outputs_have_values_of_their_type(recorder):
    assert overlaid(registry.find("test.record"), {"text": "a"}, {}) == {"text": "Text"}
