from datetime import UTC, datetime
from typing import get_args

import pytest
import stripe

from tests.triggers.stripe_events import charge_event
from triggers import envelope


def test_reads_every_column():
    payload = charge_event(
        account="acct_9",
        livemode=True,
        api_version="2026-01-01",
        request={"id": "req_1", "idempotency_key": "k"},
    )
    assert envelope.read(payload) == envelope.Envelope(
        external_id="evt_1",
        type="charge.succeeded",
        created=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        livemode=True,
        account="acct_9",
        api_version="2026-01-01",
        object_type="charge",
        object_id="ch_1",
        request_idempotency_key="k",
    )


@pytest.mark.parametrize("request_value", [None, "req_1", {"id": None, "idempotency_key": None}])
def test_a_request_without_a_key_gives_none(request_value):
    assert envelope.read(charge_event(request=request_value)).request_idempotency_key == ""


def test_an_object_without_an_id_is_fine():
    upcoming = {"object": "invoice", "amount_due": 5}
    read = envelope.read(charge_event(type="invoice.upcoming", data={"object": upcoming}))
    assert (read.object_type, read.object_id) == ("invoice", "")


@pytest.mark.parametrize("event_type", get_args(stripe.Event.__annotations__["type"]))
def test_reads_every_type_of_the_sdk(event_type):
    assert envelope.read(charge_event(type=event_type)).type == event_type


BROKEN = {
    "id missing": {"id": None},
    "id of another object": {"id": "ch_1"},
    "id too long": {"id": "evt_" + "x" * 300},
    "id with NUL": {"id": "evt_\x00"},
    "id a number": {"id": 5},
    "type missing": {"type": None},
    "type empty": {"type": ""},
    "type too long": {"type": "a" * 300},
    "created missing": {"created": None},
    "created a boolean": {"created": True},
    "created a float": {"created": 1.5},
    "created a string": {"created": "1700000000"},
    "created negative": {"created": -1},
    "created huge": {"created": 10**300},
    "livemode missing": {"livemode": None},
    "livemode text": {"livemode": "false"},
    "account a number": {"account": 7},
    "account too long": {"account": "a" * 256},
    "api_version too long": {"api_version": "a" * 65},
    "data missing": {"data": None},
    "data a list": {"data": []},
    "object missing": {"data": {}},
    "object an id": {"data": {"object": "ch_1"}},
    "object id a number": {"data": {"object": {"id": 7}}},
    "key too long": {"request": {"idempotency_key": "k" * 256}},
    "thin event": {"object": "v2.core.event"},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN.keys())
def test_refuses_a_broken_envelope(changes):
    with pytest.raises(envelope.InvalidEnvelope, match=r"\.$"):
        envelope.read(charge_event(**changes))


@pytest.mark.parametrize("payload", [None, 5, True, "event", [], {}, 1.5])
def test_refuses_what_is_no_envelope(payload):
    with pytest.raises(envelope.InvalidEnvelope, match="not a Stripe event"):
        envelope.read(payload)
