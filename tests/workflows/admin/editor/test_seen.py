"""Values of recent events beside the fields that a person chooses from."""

import pytest
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.admin.editor import seen
from tests.workflows.admin.addresses import address
from tests.workflows.documents import starts_on

pytestmark = pytest.mark.django_db
PAID = "payment_intent.succeeded"


@pytest.fixture
def accept(db):
    """Store an event with this object, newer than those before."""
    numbers = iter(range(1, 1_000))

    def make(event_type=PAID, **data):
        number = next(numbers)
        payload = {"id": f"evt_{number}", "type": event_type, "data": {"object": data}}
        return Event.objects.create(
            external_id=f"evt_{number}",
            source="stripe",
            type=event_type,
            created=timezone.now() + timezone.timedelta(seconds=number),
            payload=payload,
        )

    return make


def test_the_latest_different_values_come_first(accept):
    for status in ("canceled", "succeeded", "succeeded", "processing"):
        accept(status=status)
    assert seen.seen_values(starts_on(PAID), 1)["trigger.status"] == ["processing", "succeeded", "canceled"]


def test_amounts_and_times_stand_as_they_are_typed(accept):
    accept(amount=100050, currency="usd", created=1769851800, livemode=False)
    found = seen.seen_values(starts_on(PAID), 1)
    assert found["trigger.amount"] == ["1,000.50"]
    assert found["trigger.created"] == ["2026-01-31 09:30"]
    assert found["trigger.livemode"] == ["no"]
    assert found["event.id"] == ["evt_1"]


def test_keys_of_metadata_are_found(accept):
    accept(metadata={"tier": "gold", "two words": "yes"})
    found = seen.seen_values(starts_on(PAID), 1)
    assert found["trigger.metadata.tier"] == ["gold"]
    assert found['trigger.metadata["two words"]'] == ["yes"]


@pytest.mark.parametrize("amount", [100050, None, "x", True])
def test_an_amount_without_its_currency_is_left_out(accept, amount):
    accept(amount=amount, currency=None)
    assert "trigger.amount" not in seen.seen_values(starts_on(PAID), 1)


def test_what_the_catalogue_does_not_know_is_shown_and_what_is_too_long_is_left_out(accept):
    accept(made_up="x", status="x" * 1_000)
    found = seen.seen_values(starts_on(PAID), 1)
    assert {path: found[path] for path in found if path.startswith("trigger.")} == {"trigger.made_up": ["x"]}


def test_only_the_newest_events_of_the_type_are_read_in_one_query(
    accept, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(seen, "EVENTS", 2)
    for status in ("canceled", "succeeded", "processing"):
        accept(status=status)
    accept("charge.failed", status="failed")
    with django_assert_num_queries(1):
        found = seen.seen_values(starts_on(PAID), 1)
    assert found["trigger.status"] == ["processing", "succeeded"]


@pytest.mark.parametrize("data", [None, {}, {"object": "x"}, {"object": [1]}, "x"])
def test_a_pruned_or_odd_payload_does_no_harm(accept, data):
    event = accept(status="succeeded")
    Event.objects.filter(pk=event.pk).update(stored_payload={"data": data} if data else {})
    assert "trigger.status" not in seen.seen_values(starts_on(PAID), 1)


def test_payloads_are_for_those_who_may_see_them(editor, client_with, new_workflow, accept):
    accept(status="succeeded")
    where = address(new_workflow().trigger, "seen")
    assert editor.get(where).json() == {"seen": {}}
    other = client_with("change_workflow", "view_payload", username="other")
    assert other.get(where).json()["seen"]["trigger.status"] == ["succeeded"]
    assert client_with("view_workflow", "view_payload", username="viewer").get(where).status_code == 403


def test_a_trigger_without_an_event_has_seen_nothing(client_with, editor, new_workflow, accept):
    accept("", status="succeeded")
    client = client_with("change_workflow", "view_payload", username="other")
    assert client.get(address(new_workflow(event_type="").trigger, "seen")).json() == {"seen": {}}
