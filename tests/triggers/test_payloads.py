import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers import body, envelope, inbox, payloads
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event
from tests.triggers.stripe_events import charge_event

TEXTS = [
    json.dumps(charge_event(user_id="acct_1"), indent=2),
    json.dumps(charge_event(data={"object": {"id": "ch_1", "note": "a\x00b"}})),
    json.dumps(charge_event(data={"object": {"id": "ch_1", "\ud800": "\udfff", "smile": "\U0001f600"}})),
    json.dumps(charge_event(data={"object": {"text": "\\u0000", "é": "ü"}}), ensure_ascii=False),
    json.dumps(charge_event()).replace("}", ', "huge": 1e999, "long": ' + "9" * 5000 + "}", 1),
]


@pytest.fixture
def stored(db):
    """Accept the text as Stripe's; returns its row as another process reads it."""

    def accept(text):
        return Event.objects.get(pk=inbox.accept_stripe(body.parse(text), raw_body=text).event.pk)

    return accept


@pytest.mark.parametrize("text", TEXTS)
def test_a_payload_is_the_sanitized_and_completed_text(text):
    assert payloads.read(text, of_stripe=True) == payloads.completed(sanitize(body.parse(text)))


@pytest.mark.parametrize("text", ["", "as delivered", "<a/>", "[]", "null", "5", "{", "[" * 500])
def test_a_text_without_an_object_holds_nothing(text):
    assert payloads.read(text, of_stripe=True) == {}


@pytest.mark.parametrize(
    ("changes", "account"),
    [
        ({"account": "acct_1"}, "acct_1"),
        ({"user_id": "acct_2"}, "acct_2"),
        ({"context": "acct_3"}, "acct_3"),
        ({"context": "acct_3/acct_4"}, "acct_3/acct_4"),
        ({"account": "acct_1", "user_id": "acct_2", "context": "acct_3"}, "acct_1"),
        ({"account": None, "user_id": 7, "context": "acct_3"}, "acct_3"),
        ({}, ""),
    ],
)
def test_the_account_is_where_the_api_version_of_the_event_puts_it(changes, account):
    payload = charge_event(**changes)
    assert envelope.read(payload).account == account
    assert payloads.completed(payload).get("account", "") == account


def test_completing_changes_nothing_else():
    payload = charge_event(user_id="acct_2")
    assert payloads.completed(payload) == {**payload, "account": "acct_2"}
    assert payloads.completed(charge_event()) == charge_event()


def test_only_events_of_stripe_have_their_account_completed():
    text = json.dumps({"user_id": "acct_1"})
    assert payloads.read(text, of_stripe=False) == {"user_id": "acct_1"}
    assert payloads.read(text, of_stripe=True) == {"user_id": "acct_1", "account": "acct_1"}


@pytest.mark.parametrize("text", TEXTS)
def test_the_row_says_what_was_matched(stored, text):
    seen = []
    with inbox.temporary_handler(lambda event: seen.append(event.payload)):
        event = stored(text)
    assert (event.stored_payload, event.raw_body) == ({}, text)
    assert [event.payload] == seen


def test_an_event_of_an_older_version_keeps_its_payload(stored):
    event = stored(json.dumps(charge_event()))
    Event.objects.update(stored_payload=charge_event(id="evt_old"))
    event.refresh_from_db()
    assert event.payload["id"] == "evt_old"


def test_an_event_without_a_text_has_its_payload_as_text(db):
    columns = Envelope("parcel-1", "arrived", charge_time(), source="parcels")
    inbox.accept(columns, {"user_id": "acct_1", "data": {"object": {"id": "p\x001"}}})
    event = Event.objects.get()
    assert event.payload == {"user_id": "acct_1", "data": {"object": {"id": "p\ufffd1"}}}
    assert (event.stored_payload, json.loads(event.raw_body)) == ({}, event.payload)


def test_a_text_of_another_source_is_kept_beside_its_payload(db):
    columns = Envelope("parcel-1", "arrived", charge_time(), source="parcels")
    inbox.accept(columns, {"data": {"object": {"id": "p1"}}}, raw_body="<parcel/>")
    event = Event.objects.get()
    assert (event.payload, event.raw_body) == ({"data": {"object": {"id": "p1"}}}, "<parcel/>")


def test_an_emptied_event_has_no_payload(stored):
    event = stored(json.dumps(charge_event()))
    Event.objects.update(stored_payload={}, raw_body="")
    event.refresh_from_db()
    assert (event.payload, event.object, event.previous_attributes) == ({}, {}, None)


def test_a_text_is_parsed_once(stored, monkeypatch):
    event = stored(json.dumps(charge_event()))
    calls = []
    monkeypatch.setattr(payloads, "read", lambda text, **_: calls.append(text) or {"data": {}})
    assert event.payload is event.payload
    assert event.object == {}
    assert len(calls) == 1


def test_left_out_columns_are_read_by_one_query(stored):
    stored(json.dumps(charge_event()))
    event = Event.objects.without_body().get()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert event.payload == charge_event()
    assert len(queries) == 1


def charge_time():
    return Event._meta.get_field("received_at").get_default()
