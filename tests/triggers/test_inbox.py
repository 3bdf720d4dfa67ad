from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from stripeflow.triggers import inbox
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.models import Event, FetchState, MirrorState, Source
from tests.triggers.stripe_events import charge_event

pytestmark = pytest.mark.django_db


def accept(**changes):
    return inbox.accept_stripe(charge_event(**changes))


def fail(event):
    Group.objects.create(name="half done")
    raise ValueError("broken\x00handler")


def test_stores_a_stripe_event(rung):
    event = accept(account="acct_1").event
    event.refresh_from_db()
    assert (event.source, event.external_id, event.type) == (Source.STRIPE, "evt_1", "charge.succeeded")
    assert (event.object_type, event.object_id, event.account) == ("charge", "ch_1", "acct_1")
    assert event.created == datetime.fromtimestamp(1_700_000_000, tz=UTC)
    assert event.object["amount"] == 2_000


def test_stores_an_event_of_another_source():
    call = Envelope("call-1", "on_demand", timezone.now(), source=Source.ON_DEMAND)
    accepted = inbox.accept(call, {"data": {"object": {"a": 1}}})
    assert accepted.created
    assert accepted.event.mirror_state == MirrorState.OFF


def test_the_same_id_of_another_source_is_another_event(rung):
    accept()
    other = inbox.accept(Envelope("evt_1", "tick", timezone.now(), source=Source.SCHEDULE), {})
    assert other.created


def test_a_copy_returns_the_row_and_runs_nothing(handled, rung):
    first = accept()
    second = accept()
    assert (first.created, second.created) == (True, False)
    assert first.event.pk == second.event.pk
    assert len(handled) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "acct_1"},
        {"user_id": "acct_1"},
        {"context": "acct_1"},
        {"livemode": True},
    ],
)
def test_the_same_id_of_another_account_or_mode_is_another_event(changes, handled, rung):
    first, second, copy = accept(), accept(**changes), accept(**changes)
    assert (first.created, second.created, copy.created) == (True, True, False)
    assert copy.event.pk == second.event.pk != first.event.pk
    assert len(handled) == 2


def test_events_that_share_the_id_of_all_test_webhooks_are_kept_apart_by_their_bodies(handled, rung):
    shared = "evt_00000000000000"
    other = {"object": {"id": "ch_2", "object": "charge"}}
    first, second = accept(id=shared), accept(id=shared, data=other)
    copy = accept(id=shared, data=other, pending_webhooks=0)
    assert (first.created, second.created, copy.created) == (True, True, False)
    assert copy.event.pk == second.event.pk
    assert [event.pk for event in Event.objects.called(shared)] == [second.event.pk, first.event.pk]
    assert [Event.objects.called(one.event.reference).get() for one in (first, second)] == [
        first.event,
        second.event,
    ]


def test_two_long_ids_with_the_same_beginning_are_two_events(rung):
    longs = ["evt_" + "x" * 300 + end for end in "ab"]
    events = [accept(id=one).event for one in longs]
    assert [Event.objects.called(one).get() for one in longs] == events
    assert events[0].payload["id"] == longs[0]


def test_the_payload_names_the_account_where_everybody_looks_for_it(rung):
    event = accept(user_id="acct_1").event
    event.refresh_from_db()
    assert (event.account, event.payload["account"]) == ("acct_1", "acct_1")


def test_a_thin_event_waits_for_its_fetch(handled, rung):
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v2.core.account.closed"}
    event = inbox.accept_stripe(thin).event
    assert (event.fetch_state, event.matched_at) == (FetchState.PENDING, None)
    assert (event.mirror_state, event.match_attempts) == (MirrorState.OFF, 0)
    assert inbox.sweep() == 0
    assert inbox.match(event.pk) is False
    assert handled == []


def test_a_new_event_is_matched_at_once(handled, rung):
    event = accept().event
    assert [seen.external_id for seen in handled] == ["evt_1"]
    event.refresh_from_db()
    assert event.matched_at is not None


def test_a_failing_handler_leaves_the_event_and_nothing_else(rung, caplog):
    with inbox.temporary_handler(fail):
        event = accept().event
    event.refresh_from_db()
    assert event.matched_at is None
    assert event.match_attempts == 1
    assert event.match_error == "ValueError: broken\ufffdhandler"
    assert not Group.objects.exists()
    assert "triggers.event.match_failed" in caplog.text


def test_a_database_error_in_the_handler_leaves_the_event(rung):
    def break_a_constraint(event):
        Group.objects.create(name="same")
        Group.objects.create(name="same")

    with inbox.temporary_handler(break_a_constraint):
        accept()
    assert Event.objects.unmatched().count() == 1
    assert not Group.objects.exists()


def test_the_sweep_matches_what_failed(rung, handled):
    with inbox.temporary_handler(fail):
        event = accept().event
    assert inbox.sweep() == 1
    event.refresh_from_db()
    assert event.matched_at is not None
    assert event.match_error == ""
    assert len(handled) == 1


def test_the_sweep_waits_longer_after_each_failure(rung):
    with inbox.temporary_handler(fail):
        event = accept().event
        assert inbox.sweep() == 0
        event.refresh_from_db()
        assert event.match_attempts == 2
        assert event.match_due_at > timezone.now() + timedelta(seconds=2)
        inbox.sweep()
        event.refresh_from_db()
        assert event.match_attempts == 2


def test_failing_events_do_not_hold_up_the_others(rung, handled):
    def fail_first(event):
        if event.external_id == "evt_1":
            raise ValueError("no")
        handled.append(event)

    accept()
    accept(id="evt_2")
    Event.objects.update(matched_at=None)
    handled.clear()
    with inbox.temporary_handler(fail_first):
        assert inbox.sweep(limit=1) == 0
        assert inbox.sweep(limit=1) == 1
    assert [event.external_id for event in handled] == ["evt_2"]


def test_without_a_handler_events_wait(rung):
    event = accept().event
    assert (event.matched_at, event.match_attempts) == (None, 0)
    assert inbox.sweep() == 0
    assert inbox.match(event.pk) is False


def test_the_sweep_keeps_to_its_limit_and_begins_with_the_oldest(rung):
    for number in (1, 2, 3):
        accept(id=f"evt_{number}")
    seen = []
    with inbox.temporary_handler(lambda event: seen.append(event.external_id)):
        assert inbox.sweep(limit=2) == 2
    assert seen == ["evt_1", "evt_2"]


def test_a_matched_event_is_not_matched_again(handled, rung):
    event = accept().event
    assert inbox.match(event.pk) is False
    assert len(handled) == 1


def test_another_process_that_matched_first_wins(handled, rung, monkeypatch):
    with inbox.temporary_handler(None):
        event = accept().event
    stale = Event.objects.get(pk=event.pk)
    assert inbox.match(event.pk) is True
    monkeypatch.setattr(Event.objects.none().__class__, "first", lambda self: stale)
    assert inbox.match(event.pk) is False
    assert len(handled) == 1


def test_nul_and_lone_surrogates_are_replaced(rung):
    charge = {"id": "ch_1", "object": "charge", "description": "a\x00b\ud800"}
    event = accept(data={"object": charge}).event
    event.refresh_from_db()
    assert event.object["description"] == "a\ufffdb\ufffd"


def test_previous_attributes_are_none_where_the_event_does_not_say(rung):
    assert accept().event.previous_attributes is None
    changed = accept(id="evt_2", data={"object": {}, "previous_attributes": {"name": None}}).event
    assert changed.previous_attributes == {"name": None}


def test_an_event_waits_for_the_mirror_which_is_not_notified_of_each(
    rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        event = accept().event
    assert rung.messages == []
    assert event.mirror_state == MirrorState.PENDING
    assert event in Event.objects.mirror_due(timezone.now())


def test_the_mirror_can_be_switched_off(settings, rung, django_capture_on_commit_callbacks):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "off"}
    with django_capture_on_commit_callbacks(execute=True):
        assert accept().event.mirror_state == MirrorState.OFF
    assert rung.messages == []


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down_does_not_lose_the_event(queue, handled):
    queue.error = ConnectionError("no queue")
    assert accept().created
    assert Event.objects.mirror_pending().count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_is_undone_with_the_transaction_around_it(handled, rung):
    def accept_and_fail():
        accept()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction.atomic(accept_and_fail)()
    assert not Event.objects.exists()
    assert rung.messages == []
