"""Events by hand: completed where the workflow could start on them, told apart otherwise."""

import pytest

from stripeflow.workflows.rehearsal.payloads import NoEvent, OtherEvent, completed
from stripeflow.workflows.rehearsal.samples import sample_event
from tests.workflows.documents import starts_on

TYPE = "payment_intent.succeeded"
OBJECT = {"id": "pi_1", "object": "payment_intent", "amount": 100}


def test_a_whole_event_stays_as_it_is():
    event = {**sample_event(starts_on(TYPE)), "id": "evt_mine", "livemode": True, "data": {"object": OBJECT}}
    assert completed(event, starts_on(TYPE)) == event


@pytest.mark.parametrize("envelope", [{}, {"object": "event"}])
def test_what_an_event_leaves_out_is_made_up(envelope):
    found = completed({**envelope, "data": {"object": OBJECT}}, starts_on(TYPE))
    assert found == {**sample_event(starts_on(TYPE)), "data": {"object": OBJECT}}


@pytest.mark.parametrize("name", ["account", "user_id", "context"])
def test_the_account_is_known_wherever_the_event_names_it(name):
    event = {name: "acct_1", "data": {"object": OBJECT}}
    assert completed(event, starts_on(TYPE))["account"] == "acct_1"


def test_a_bare_object_is_put_into_an_event():
    assert completed(OBJECT, starts_on(TYPE)) == {**sample_event(starts_on(TYPE)), "data": {"object": OBJECT}}


@pytest.mark.parametrize("payload", [{"amount": 100}, {"data": {"object": {"amount": 100}}}])
def test_an_object_that_does_not_say_what_it_is_is_taken_for_the_events(payload):
    assert completed(payload, starts_on(TYPE))["data"]["object"] == {
        "object": "payment_intent",
        "amount": 100,
    }


def test_what_it_held_before_is_never_made_up():
    assert (
        "previous_attributes"
        not in completed({"data": {"object": {"id": "cus_1"}}}, starts_on("customer.updated"))["data"]
    )


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"object": "event"},
        {"data": None},
        {"data": {}},
        {"data": {"object": {}}},
        {"data": {"object": [1]}},
    ],
)
def test_what_is_no_event_is_refused_with_the_place(payload):
    with pytest.raises(NoEvent) as error:
        completed(payload, starts_on(TYPE))
    assert error.value.path == "/data/object"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            {"type": "charge.succeeded", "data": {"object": OBJECT}},
            "“charge.succeeded”.*“payment_intent.succe",
        ),
        ({"type": "charge.succeeded"}, "“charge.succeeded”"),
        ({"type": 5, "data": {"object": OBJECT}}, "“5”"),
        ({"type": None, "data": {"object": OBJECT}}, "“None”"),
        ({"data": {"object": {"object": "charge"}}}, "“Charge”.*“Payment intent”"),
        ({"data": {"object": {"object": 5}}}, "“5”.*“Payment intent”"),
        ({"data": {"object": {"object": "no_such"}}}, "“no_such”.*“Payment intent”"),
        ({"object": "charge"}, "“Charge”.*“Payment intent”"),
    ],
)
def test_another_event_is_reported_with_both_names(payload, message):
    with pytest.raises(OtherEvent, match=message):
        completed(payload, starts_on(TYPE))


def test_a_type_outside_the_catalogue_takes_any_object():
    assert (
        completed({"object": "thing", "id": "x"}, starts_on("no.such_type"))["data"]["object"]["object"]
        == "thing"
    )
