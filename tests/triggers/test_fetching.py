"""Thin events against the real stand-in and the real SDK."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.triggers import fetching, inbox, mirror
from stripeflow.triggers.models import Event, FetchState
from stripeflow.triggers.queue.tasks import MIRROR
from stripeflow_site.standin import payloads, thin_events
from stripeflow_site.standin.driver import Standin

pytestmark = pytest.mark.django_db

KEY = "sk_test_" + "e" * 24
METER = {"id": "mtr_1", "object": "billing.meter", "display_name": "Tokens", "status": "active"}
ACCOUNT = {"id": "acct_9", "object": "v2.core.account", "display_name": "New name"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    ledger = tmp_path_factory.mktemp("standin") / "ledger.jsonl"
    with Standin.start(ledger=ledger, api_key=KEY) as standin:
        yield standin


@pytest.fixture
def standin(running, settings, rung):
    running.reset()
    settings.STRIPE_TEST_SECRET_KEY = KEY
    settings.STRIPE_LIVE_SECRET_KEY = ""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_API_BASE": running.url, "MIRROR": "off"}
    return running


def happened(standin, subject=METER, type="v1.billing.meter.error_report_triggered", **fields):
    """A thin event that Stripe has, as its notification comes in."""
    event = standin.thin_event(type, subject, **fields)
    notification = thin_events.notification(event)
    return inbox.accept_stripe(notification, raw_body=json.dumps(notification)).event


def due_now():
    Event.objects.update(match_due_at=timezone.now())


def test_nothing_is_asked_for_and_nothing_matched_before_the_fetch(standin, handled):
    event = happened(standin)
    assert inbox.sweep() == 0
    assert inbox.match(event.pk) is False
    assert handled == []
    assert standin.requests(path="/v2/") == []


def test_it_is_matched_with_its_object_once_it_is_fetched(standin, handled):
    event = happened(standin, data={"reason": {"error_count": 3}}, idempotency_key="our-key")
    assert fetching.fetch(event.pk) is True
    (seen,) = handled
    assert seen.object == METER
    assert (seen.type, seen.object_type, seen.object_id) == (event.type, "billing.meter", "mtr_1")
    assert seen.payload["data"]["reason"] == {"error_count": 3}
    assert seen.payload["request"]["idempotency_key"] == "our-key"
    assert seen.payload["created"] == int(event.created.timestamp())
    assert seen.previous_attributes is None
    event.refresh_from_db()
    assert (event.fetch_state, event.match_attempts, event.match_error) == (FetchState.DONE, 0, "")
    assert event.matched_at is not None
    assert json.loads(event.raw_body)["object"] == "v2.core.event"


def test_what_changed_is_known_as_in_other_events(standin, handled):
    changes = {"before": {"display_name": "Old name"}, "after": {"display_name": "New name"}}
    event = happened(standin, ACCOUNT, "v2.core.account.updated", changes=changes)
    fetching.fetch(event.pk)
    assert handled[0].previous_attributes == {"display_name": "Old name"}


def test_it_is_asked_for_within_the_context_that_it_names(standin, handled):
    event = happened(standin, ACCOUNT, "v2.core.account.updated", account="acct_9")
    assert event.account == "acct_9"
    assert fetching.fetch(event.pk) is True
    assert handled[0].payload["account"] == "acct_9"
    assert {request["account"] for request in standin.requests(method="GET")} == {"acct_9"}


def test_the_object_is_taken_as_it_is_now(standin, handled):
    event = happened(standin)
    standin.thin_event("v1.billing.meter.error_report_triggered", {**METER, "status": "inactive"})
    fetching.fetch(event.pk)
    assert handled[0].object["status"] == "inactive"


def test_an_object_that_stripe_no_longer_has_is_known_by_its_id(standin, handled):
    event = happened(standin, {"id": "gone_1", "object": "v2.core.thing"}, "v2.core.thing.closed")
    assert fetching.fetch(event.pk) is True
    assert handled[0].object == {"id": "gone_1", "object": "v2.core.thing"}


@pytest.mark.parametrize(
    "related",
    [
        None,
        {},
        {"url": "https://evil.example.com/"},
        {"url": "/v1/../../x"},
        {"url": "//evil/v1/x"},
        {"url": "/_control/reset"},
        {"url": 5},
    ],
)
def test_nothing_but_an_object_of_stripes_api_is_asked_for(standin, handled, monkeypatch, related):
    event = happened(standin)
    whole = {**event.payload, "related_object": related}
    monkeypatch.setattr(
        fetching.stripe_reads, "get", lambda client, path: whole if "/events/" in path else 1 / 0
    )
    Event.objects.update(stored_payload={**event.payload, "related_object": related})
    assert fetching.fetch(event.pk) is True
    assert handled[0].object == {}


def test_a_failure_is_reported_and_tried_again_later(standin, handled):
    event = happened(standin)
    standin.faults("error_before", count=1, status=503, path="/v2/core/events")
    assert fetching.fetch(event.pk) is False
    event.refresh_from_db()
    assert (event.fetch_state, event.match_attempts) == (FetchState.PENDING, 1)
    assert event.match_error == "Stripe answered 503."
    assert event.match_due_at > timezone.now() + timedelta(seconds=5)
    assert mirror.sweep() == 0
    due_now()
    assert fetching.fetch(event.pk) is True
    assert len(handled) == 1


@pytest.mark.parametrize("path", ["/v2/core/events", "/v1/billing/meters"])
def test_neither_half_is_enough(standin, handled, path):
    event = happened(standin)
    standin.faults("error_before", status=500, path=path)
    try:
        assert fetching.fetch(event.pk) is False
    finally:
        standin.clear_faults()
    assert handled == []


def test_without_a_key_it_says_so(standin, settings, handled):
    settings.STRIPE_TEST_SECRET_KEY = ""
    event = happened(standin)
    assert fetching.fetch(event.pk) is False
    event.refresh_from_db()
    assert "no Stripe API key" in event.match_error


def test_it_is_given_up_when_stripe_keeps_it_no_longer(standin, handled):
    event = happened(standin, id="evt_unknown", deliver=False)
    standin.reset()
    Event.objects.update(received_at=timezone.now() - fetching.KEPT - timedelta(minutes=1))
    assert fetching.fetch(event.pk) is False
    event.refresh_from_db()
    assert (event.fetch_state, event.match_error) == (FetchState.FAILED, "Stripe answered 404.")
    due_now()
    assert fetching.fetch(event.pk) is False
    assert inbox.sweep() == 0
    assert mirror.sweep() == 0


def test_a_copy_of_the_notification_changes_nothing(standin, handled):
    event = happened(standin)
    notification = json.loads(event.raw_body)
    fetching.fetch(event.pk)
    copy = inbox.accept_stripe(notification)
    assert (copy.created, copy.event.pk) == (False, event.pk)
    assert copy.event.object == METER
    assert len(handled) == 1


def test_another_worker_that_took_it_first_wins(standin, handled, monkeypatch):
    event = happened(standin)
    stale = Event.objects.get(pk=event.pk)
    assert fetching.fetch(event.pk) is True
    monkeypatch.setattr(Event.objects.none().__class__, "first", lambda self: stale)
    assert fetching.fetch(event.pk) is False
    assert len(handled) == 1


def test_a_failing_match_is_left_to_the_sweep(standin, handled):
    event = happened(standin)
    with inbox.temporary_handler(lambda _event: 1 / 0):
        assert fetching.fetch(event.pk) is True
    event.refresh_from_db()
    assert (event.fetch_state, event.matched_at) == (FetchState.DONE, None)
    assert inbox.sweep() == 1
    assert len(handled) == 1


def test_a_worker_is_notified_of_it_and_sees_to_it_before_the_mirror(standin, settings, handled, rung):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "on"}
    other = inbox.accept_stripe(
        payloads.event("customer.updated", payloads.customer(id="cus_1"), id="evt_other")
    ).event
    event = happened(standin)
    handled.clear()
    assert mirror.sweep() == 1
    assert rung.of(MIRROR) == [(event.pk,)]
    order = []
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "off"}
    with inbox.temporary_handler(lambda seen: order.append(seen.pk)):
        assert mirror._first_waiting() == event.pk
        mirror.work(event.pk)
    assert order == [event.pk]
    assert mirror._first_waiting() != event.pk
    assert other.pk != event.pk
