"""Objects that recent events hold."""

import pytest

from stripeflow.actions import registry
from stripeflow.triggers.models import Event
from stripeflow.workflows.rehearsal.samples import Origin
from stripeflow.workflows.rehearsal.stored import StoredSamples, recent_events
from tests.workflows.documents import starts_on
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

RETRIEVE = "stripe.charges.retrieve"


def charge(amount=700, **fields):
    return {"id": "ch_1", "object": "charge", "amount": amount, **fields}


def outputs(event, wanted="ch_1", **options):
    return StoredSamples(event).outputs(registry.find(RETRIEVE), {"charge": wanted}, **options)


def test_an_object_is_taken_from_the_latest_event_about_it(queue):
    accept(charge(100), type="charge.succeeded", created=1_000)
    later = accept(charge(200), type="charge.updated", created=2_000)
    found = outputs(accept(payment()))
    assert (found.origin, found.event, found.value["amount"]) == (Origin.STORED, later.external_id, 200)


def test_the_event_s_own_object_comes_first(queue):
    event = accept(charge(300), type="charge.succeeded")
    found = outputs(event)
    assert (found.origin, found.value["amount"]) == (Origin.EVENT, 300)


def test_what_no_event_holds_is_made_up(queue):
    found = outputs(accept(payment()), "ch_2")
    assert (found.origin, found.value["id"], found.event) == (Origin.SAMPLE, "ch_2", "")


@pytest.mark.parametrize("envelope", [{"livemode": True}, {"account": "acct_other"}])
def test_other_accounts_and_modes_stay_apart(queue, envelope):
    accept(charge(), type="charge.succeeded", **envelope)
    assert outputs(accept(payment())).origin is Origin.SAMPLE


@pytest.mark.parametrize("own", ["", "acct_own"])
def test_a_step_that_acts_as_the_platform_sees_the_platform_s_objects(queue, own, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OWN_ACCOUNTS": ["acct_own"]}
    accept(charge(100), type="charge.succeeded", created=1_000, account=own)
    accept(charge(200), type="charge.succeeded", created=2_000, account="acct_other")
    event = accept(payment(), account="acct_other")
    assert outputs(event).value["amount"] == 200
    assert outputs(event, as_platform=True).value["amount"] == 100


def test_emptied_events_hold_nothing(queue):
    accept(charge(), type="charge.succeeded")
    Event.objects.update(pruned_at="2026-01-01T00:00:00Z", stored_payload={}, raw_body="")
    assert outputs(accept(payment())).origin is Origin.SAMPLE


def test_an_id_is_looked_up_once(queue, django_assert_num_queries):
    samples = StoredSamples(accept(payment()))
    with django_assert_num_queries(1):
        for _time in range(3):
            samples.outputs(registry.find(RETRIEVE), {"charge": "ch_9"})


def test_recent_events_are_of_the_type_and_keep_their_payload(queue):
    accept(charge(), type="charge.succeeded")
    first, second = accept(payment(), created=1_000), accept(payment(), created=2_000)
    trigger = starts_on("payment_intent.succeeded")
    assert [event.pk for event in recent_events(trigger, 1)] == [second.pk, first.pk]
    Event.objects.filter(pk=second.pk).update(pruned_at="2026-01-01T00:00:00Z")
    assert [event.pk for event in recent_events(trigger, 1)] == [first.pk]
