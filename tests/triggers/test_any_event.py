"""Whatever Stripe signs and calls an event is taken, however its fields look."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripeflow.triggers.models import Event, FetchState
from tests.triggers.stripe_events import signed

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.triggers.urls")]

# Half of a surrogate pair cannot be sent as UTF-8, but it can as an escape.
TEXTS = st.one_of(
    st.text(st.characters(), max_size=30), st.integers(200, 400).map(lambda size: "evt_" * size)
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
FIELDS = (
    "id",
    "type",
    "created",
    "livemode",
    "account",
    "user_id",
    "context",
    "api_version",
    "request",
    "reason",
    "related_object",
    "pending_webhooks",
)
KNOWN = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES))
DATA = st.fixed_dictionaries(
    {}, optional={"object": st.one_of(VALUES, st.fixed_dictionaries({"id": VALUES, "object": VALUES}))}
)
EVENTS = st.builds(
    lambda known, others, data: {**others, **known, "object": "event", "data": data},
    KNOWN,
    st.dictionaries(TEXTS, VALUES, max_size=3),
    st.builds(lambda data, others: {**others, **data}, DATA, st.dictionaries(TEXTS, VALUES, max_size=2)),
)
THIN = st.builds(
    lambda known, name: {**known, "object": "v2.core.event", "id": name}, KNOWN, TEXTS.filter(bool)
)


@pytest.fixture
def endpoint(endpoint):
    """A live one, which takes events of both modes."""
    endpoint.livemode = True
    endpoint.save()
    return endpoint


often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sent(payload):
    """The body, with what is beyond all measure as other languages write it; Python writes Infinity."""
    return json.dumps(payload).replace("-Infinity", "-1e999").replace("Infinity", "1e999")


def send(endpoint, payload):
    body = sent(payload)
    Event.objects.all().delete()
    url = reverse("stripeflow_triggers:webhook", args=[endpoint.djstripe_uuid])
    client = Client(raise_request_exception=True)
    headers = {"Stripe-Signature": signed(body)}
    return client.generic("POST", url, body, content_type="application/json", headers=headers)


@often
@given(payload=EVENTS)
def test_every_event_is_stored_and_matched(payload, endpoint, handled, rung):
    before = len(handled)
    assert send(endpoint, payload).status_code == 200
    assert send_again(endpoint, payload) == [1]
    assert len(handled) == before + 1


def send_again(endpoint, payload):
    """How many copies the rows have seen after one more delivery."""
    from stripeflow.triggers import inbox

    assert inbox.accept_stripe(json.loads(sent(payload))).created is False
    return list(Event.objects.values_list("duplicates", flat=True))


@often
@given(payload=THIN)
def test_every_thin_event_is_stored_and_waits(payload, endpoint, handled, rung):
    assert send(endpoint, payload).status_code == 200
    event = Event.objects.get()
    assert (event.fetch_state, event.matched_at) == (FetchState.PENDING, None)


@often
@given(payload=VALUES)
def test_what_is_no_event_is_refused_with_a_code(payload, endpoint, handled, rung):
    response = send(endpoint, payload)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_body"
    assert not Event.objects.exists()
