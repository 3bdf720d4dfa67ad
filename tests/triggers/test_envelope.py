from datetime import UTC, datetime
from typing import get_args

import pytest
import stripe
from django.utils import timezone

from stripeflow.triggers import envelope
from stripeflow.triggers.models import FetchState
from stripeflow.triggers.widths import fitted
from tests.triggers.stripe_events import charge_event


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


@pytest.mark.parametrize(
    ("name", "column"),
    [("id", "external_id"), ("type", "type"), ("account", "account"), ("api_version", "api_version")],
)
def test_what_is_too_long_for_its_column_is_cut_there(name, column):
    whole = "x" * 1_000
    assert getattr(envelope.read(charge_event(**{name: whole})), column) == fitted(whole)


@pytest.mark.parametrize("value", [None, 5, True, 1.5, [], {}, ["evt_1"]])
@pytest.mark.parametrize("name", ["type", "account", "api_version", "request", "pending_webhooks"])
def test_what_has_another_type_than_expected_is_as_if_it_were_absent(name, value):
    payload = charge_event(**{name: value})
    absent = {key: item for key, item in payload.items() if key != name}
    assert envelope.read(payload) == envelope.read(absent)


@pytest.mark.parametrize(
    "value", [None, True, "soon", -1, 10**300, float(10**300), "0001-01-01T00:00:00+14:00", []]
)
def test_an_event_without_a_time_is_as_old_as_its_delivery(value):
    before = timezone.now()
    assert before <= envelope.read(charge_event(created=value)).created <= timezone.now()


@pytest.mark.parametrize(
    "value", [1_700_000_000, 1_700_000_000.0, "2023-11-14T22:13:20.000Z", "2023-11-14T22:13:20"]
)
def test_a_time_may_be_spelt_in_the_ways_of_both_apis(value):
    created = envelope.read(charge_event(created=value)).created
    assert created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "true", 1, "yes"])
def test_only_what_says_that_it_is_live_is(value):
    assert envelope.read(charge_event(livemode=value)).livemode is False


@pytest.mark.parametrize("value", ["evt_00000000000000", "evt_0", "", None, 5, "000"])
def test_an_id_that_names_no_single_event_is_helped_by_the_body(value):
    one, other = charge_event(id=value), charge_event(id=value, data={"object": {"id": "ch_2"}})
    digests = {envelope.read(payload).body_digest for payload in (one, other)}
    assert len(digests) == 2
    assert "" not in digests
    assert envelope.read({**one, "pending_webhooks": 7}).body_digest == envelope.read(one).body_digest


@pytest.mark.parametrize("value", ["evt_1", "evt_00001", "evt_1NG8Du2eZvKYlo2CUI79vXWy", "anything"])
def test_an_id_that_is_one_stands_for_itself(value):
    assert envelope.read(charge_event(id=value)).body_digest == ""


def test_a_thin_event_is_to_be_fetched():
    read = envelope.read(
        {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v2.core.account.updated",
            "created": "2026-01-01T00:00:00.000Z",
            "livemode": True,
            "context": "acct_1",
            "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
            "reason": {"type": "request", "request": {"id": "req_1", "idempotency_key": "key"}},
        }
    )
    assert read == envelope.Envelope(
        external_id="evt_1",
        type="v2.core.account.updated",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        livemode=True,
        account="acct_1",
        api_version="",
        object_type="v2.core.account",
        object_id="acct_1",
        request_idempotency_key="key",
        fetch_state=FetchState.PENDING,
    )


@pytest.mark.parametrize(
    "payload",
    [
        None,
        5,
        True,
        "event",
        [],
        {},
        1.5,
        charge_event(data=None),
        charge_event(data=[]),
        {"object": "v2.core.event"},
    ],
)
def test_refuses_what_can_be_no_event(payload):
    with pytest.raises(envelope.InvalidEnvelope, match=r"\.$"):
        envelope.read(payload)
