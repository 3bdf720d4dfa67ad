"""Events by hand: completed where the workflow could start on them, refused otherwise."""

import pytest

from workflows.rehearsal.payloads import NotItsEvent, completed
from workflows.rehearsal.samples import sample_event

TYPE = "payment_intent.succeeded"
OBJECT = {"id": "pi_1", "object": "payment_intent", "amount": 100}


def test_a_whole_event_stays_as_it_is():
    event = {**sample_event(TYPE), "id": "evt_mine", "livemode": True, "data": {"object": OBJECT}}
    assert completed(event, TYPE) == event


@pytest.mark.parametrize("envelope", [{}, {"object": "event"}])
def test_what_an_event_leaves_out_is_made_up(envelope):
    found = completed({**envelope, "data": {"object": OBJECT}}, TYPE)
    assert found == {**sample_event(TYPE), "data": {"object": OBJECT}}


def test_a_bare_object_is_put_into_an_event():
    assert completed(OBJECT, TYPE) == {**sample_event(TYPE), "data": {"object": OBJECT}}


@pytest.mark.parametrize("payload", [{"amount": 100}, {"data": {"object": {"amount": 100}}}])
def test_an_object_that_does_not_say_what_it_is_is_taken_for_the_events(payload):
    assert completed(payload, TYPE)["data"]["object"] == {"object": "payment_intent", "amount": 100}


def test_what_it_held_before_is_never_made_up():
    assert (
        "previous_attributes"
        not in completed({"data": {"object": {"id": "cus_1"}}}, "customer.updated")["data"]
    )


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "/data/object"),
        ({"object": "event"}, "/data/object"),
        ({"data": None}, "/data/object"),
        ({"data": {}}, "/data/object"),
        ({"data": {"object": {}}}, "/data/object"),
        ({"data": {"object": [1]}}, "/data/object"),
        ({"type": "charge.succeeded", "data": {"object": {"object": "charge"}}}, "/type"),
        ({"type": 5, "data": {"object": OBJECT}}, "/type"),
        ({"data": {"object": {"object": "charge"}}}, "/data/object/object"),
        ({"data": {"object": {"object": 5}}}, "/data/object/object"),
        ({"data": {"object": {"object": "no_such"}}}, "/data/object/object"),
        ({"object": "charge"}, "/object"),
    ],
)
def test_another_event_is_refused_with_the_place(payload, path):
    with pytest.raises(NotItsEvent) as error:
        completed(payload, TYPE)
    assert error.value.path == path


def test_the_message_names_both():
    with pytest.raises(NotItsEvent, match="“Charge”.*“Payment intent”"):
        completed({"object": "charge"}, TYPE)
    with pytest.raises(NotItsEvent, match="“charge.succeeded”.*“payment_intent.succeeded”"):
        completed({"type": "charge.succeeded"}, TYPE)


def test_a_type_outside_the_catalogue_takes_any_object():
    assert completed({"object": "thing", "id": "x"}, "no.such_type")["data"]["object"]["object"] == "thing"
