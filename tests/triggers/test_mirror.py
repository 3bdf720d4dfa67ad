import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import stripe
from django.db import connection, connections
from django.utils import timezone
from djstripe import models as djstripe
from djstripe.signals import WEBHOOK_SIGNALS

from stripeflow.triggers import inbox, mirror, mirror_slots, mirrored_objects, tasks
from stripeflow.triggers.models import Event, MirrorSlot, MirrorState
from stripeflow_site.standin import payloads
from tests.triggers.fake_stripe import FakeStripe, serving

pytestmark = pytest.mark.django_db

KEY = "sk_test_" + "a" * 24
CUSTOMER = payloads.customer(id="cus_1")
INTENT = payloads.payment_intent(amount=2_000, id="pi_1", customer="cus_1", latest_charge="ch_1")
BALANCE = payloads.balance_transaction(amount=2_000, source="ch_1", id="txn_1")
CHARGE = payloads.charge(
    amount=2_000, id="ch_1", customer="cus_1", payment_intent="pi_1", balance_transaction="txn_1"
)
REFUND = payloads.refund(amount=500, id="re_1", charge="ch_1", payment_intent="pi_1")
WARNING = payloads.early_fraud_warning(charge="ch_1", payment_intent="pi_1", id="issfr_1")


@pytest.fixture(autouse=True)
def _keys(settings, rung):
    settings.STRIPE_TEST_SECRET_KEY = KEY


@pytest.fixture
def fake(monkeypatch):
    objects = {
        "/v1/account": payloads.account(),
        "/v1/customers/cus_1": CUSTOMER,
        "/v1/payment_intents/pi_1": INTENT,
        "/v1/charges/ch_1": CHARGE,
        "/v1/balance_transactions/txn_1": BALANCE,
        "/v1/refunds/re_1": REFUND,
        "/v1/radar/early_fraud_warnings/issfr_1": WARNING,
    }
    with serving(FakeStripe(objects=objects)) as fake:
        monkeypatch.setattr(stripe, "api_base", fake.url)
        yield fake


def accept(event_type, object, **envelope):
    payload = {**payloads.event(event_type, object), "id": "evt_1", **envelope}
    return inbox.accept_stripe(payload).event


def state_of(event):
    event.refresh_from_db()
    return event.mirror_state


def test_a_payment_fills_the_payments_tables(fake):
    event = accept("payment_intent.succeeded", INTENT)
    assert mirror.mirror(event.pk) is True
    assert state_of(event) == MirrorState.DONE
    assert event.mirrored_at is not None
    assert djstripe.Event.objects.get(id="evt_1").type == "payment_intent.succeeded"
    assert djstripe.PaymentIntent.objects.get(id="pi_1").customer.id == "cus_1"
    assert djstripe.Customer.objects.filter(id="cus_1").exists()


def test_a_charge_brings_what_it_refers_to(fake):
    mirror.mirror(accept("charge.succeeded", CHARGE).pk)
    charge = djstripe.Charge.objects.get(id="ch_1")
    assert charge.stripe_data["amount"] == 2_000
    assert (charge.customer.id, charge.payment_intent.id) == ("cus_1", "pi_1")


def test_a_fraud_warning_is_stored(fake):
    mirror.mirror(accept("radar.early_fraud_warning.created", WARNING).pk)
    assert djstripe.EarlyFraudWarning.objects.get(id="issfr_1").fraud_type == "made_with_stolen_card"


def test_a_refund_is_stored(fake):
    mirror.mirror(accept("refund.created", REFUND).pk)
    assert djstripe.Refund.objects.get(id="re_1").stripe_data["amount"] == 500


def test_the_object_is_taken_as_it_is_now(fake):
    old = {**CUSTOMER, "name": "Old name"}
    mirror.mirror(accept("customer.updated", old).pk)
    assert djstripe.Customer.objects.get(id="cus_1").name == CUSTOMER["name"]


def test_a_later_event_updates_the_row(fake):
    mirror.mirror(accept("customer.created", CUSTOMER).pk)
    fake.objects["/v1/customers/cus_1"] = {**CUSTOMER, "name": "New name"}
    mirror.mirror(accept("customer.updated", CUSTOMER, id="evt_2").pk)
    assert djstripe.Customer.objects.get(id="cus_1").name == "New name"


def test_a_deleted_customer_is_marked_and_nothing_is_deleted_at_stripe(fake):
    mirror.mirror(accept("charge.succeeded", CHARGE).pk)
    fake.requests.clear()
    mirror.mirror(accept("customer.deleted", CUSTOMER, id="evt_2").pk)
    assert djstripe.Customer.objects.get(id="cus_1").deleted is True
    assert djstripe.Charge.objects.filter(id="ch_1").exists()
    assert fake.requests == []


def test_what_is_deleted_in_one_mode_stands_in_the_other(fake):
    mirror.mirror(accept("charge.succeeded", CHARGE).pk)
    djstripe.Customer.objects.filter(id="cus_1").update(livemode=True)
    mirror.mirror(accept("customer.deleted", CUSTOMER, id="evt_2").pk)
    assert djstripe.Customer.objects.get(id="cus_1").deleted is False


def test_a_deleted_object_that_was_never_here_makes_no_row(fake):
    event = accept("customer.deleted", CUSTOMER)
    assert mirror.mirror(event.pk) is True
    assert not djstripe.Customer.objects.exists()


def test_only_gets_are_made(fake):
    for number, (kind, object) in enumerate(
        [
            ("charge.succeeded", CHARGE),
            ("payment_intent.succeeded", INTENT),
            ("customer.updated", CUSTOMER),
            ("customer.deleted", CUSTOMER),
            ("refund.created", REFUND),
            ("radar.early_fraud_warning.created", WARNING),
        ]
    ):
        assert mirror.mirror(accept(kind, object, id=f"evt_{number}").pk) is True
    assert {method for method, _path in fake.requests} == {"GET"}


def test_nothing_is_asked_twice_for_one_event(fake):
    mirror.mirror(accept("charge.succeeded", CHARGE).pk)
    assert len(fake.requests) == len(set(fake.requests))


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_a_fetch(fake):
    ours = connections["default"]
    seen = []
    fake.on_request = lambda: seen.append(ours.in_atomic_block)
    mirror.mirror(accept("charge.succeeded", CHARGE).pk)
    assert len(seen) >= 4
    assert not any(seen)


@pytest.mark.django_db(transaction=True)
def test_a_slow_stripe_does_not_delay_a_webhook(fake):
    event = accept("charge.succeeded", CHARGE)
    asked, go_on = threading.Event(), threading.Event()

    def wait():
        asked.set()
        go_on.wait(30)

    def mirror_in_a_thread():
        try:
            mirror.mirror(event.pk)
        finally:
            connection.close()

    fake.on_request = wait
    worker = threading.Thread(target=mirror_in_a_thread)
    worker.start()
    try:
        assert asked.wait(30)
        # SQLite has one write lock: this would wait for it, and fail, if the mirror held it.
        assert accept("charge.succeeded", CHARGE, id="evt_2").pk
        assert worker.is_alive()
    finally:
        go_on.set()
        worker.join()
    assert state_of(event) == MirrorState.DONE


def test_the_builtin_handlers_do_not_run(fake):
    called = []

    def remember(**kwargs):
        called.append(kwargs)

    WEBHOOK_SIGNALS["customer.deleted"].connect(remember)
    WEBHOOK_SIGNALS["charge.succeeded"].connect(remember)
    try:
        mirror.mirror(accept("charge.succeeded", CHARGE).pk)
        mirror.mirror(accept("customer.deleted", CUSTOMER, id="evt_2").pk)
    finally:
        WEBHOOK_SIGNALS["customer.deleted"].disconnect(remember)
        WEBHOOK_SIGNALS["charge.succeeded"].disconnect(remember)
    assert called == []


def test_our_own_rows_do_not_come_back_as_events(fake, handled):
    event = accept("charge.succeeded", CHARGE)
    mirror.mirror(event.pk)
    assert Event.objects.count() == len(handled) == 1


def test_a_connected_accounts_object_is_asked_of_that_account(fake):
    fake.objects["/v1/accounts/acct_9"] = payloads.account(id="acct_9")
    event = accept("customer.updated", CUSTOMER, account="acct_9")
    assert mirror.mirror(event.pk) is True
    assert dict(zip(fake.requests, fake.accounts, strict=True))[("GET", "/v1/customers/cus_1")] == "acct_9"
    assert djstripe.Event.objects.get(id="evt_1").djstripe_owner_account.id == "acct_9"


def test_a_mirrored_event_is_not_mirrored_again(fake):
    event = accept("charge.succeeded", CHARGE)
    mirror.mirror(event.pk)
    fake.requests.clear()
    assert mirror.mirror(event.pk) is False
    assert fake.requests == []


def test_an_object_that_stripe_no_longer_has_leaves_the_event(fake):
    del fake.objects["/v1/customers/cus_1"]
    event = accept("customer.updated", CUSTOMER)
    assert mirror.mirror(event.pk) is True
    assert (state_of(event), event.mirror_error) == (MirrorState.LEFT, "Stripe no longer has the object.")
    assert djstripe.Event.objects.filter(id="evt_1").exists()
    assert not djstripe.Customer.objects.exists()


LEFT_ALONE = {
    "no table": ({"id": "thing_1", "object": "thing"}, "no table for objects of the kind “thing”"),
    "another one's ID in its address": ({"id": "fr_1", "object": "fee_refund"}, "together with the one"),
    "an address that dj-stripe asks in its own way": ({"id": "card_1", "object": "card"}, "together with"),
    "no ID": ({"object": "invoice"}, "has no ID"),
    "an ID that is too long": ({"id": "cus_" * 100, "object": "customer"}, "too long"),
}


@pytest.mark.parametrize(("object", "reason"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_an_object_that_cannot_be_copied_is_left_alone_and_the_event_is_not(fake, object, reason):
    event = accept("v1.thing.happened", object)
    assert mirror.mirror(event.pk) is True
    assert state_of(event) == MirrorState.LEFT
    assert reason in event.mirror_error
    assert event.mirror_error.endswith(".")
    assert djstripe.Event.objects.filter(id="evt_1").exists()
    assert mirror.sweep() == 0


def test_what_is_of_an_account_within_an_organization_is_left_alone(fake):
    event = accept("customer.updated", CUSTOMER, context="acct_1/acct_2")
    assert mirror.mirror(event.pk) is True
    assert state_of(event) == MirrorState.LEFT
    assert "within an organization" in event.mirror_error
    assert fake.requests == []


def test_every_object_that_djstripe_knows_is_copied_or_left_alone_but_never_tried_again(fake):
    names = {getattr(model.stripe_class, "OBJECT_NAME", "") for model in mirrored_objects._models()} - {""}
    assert len(names) > 30
    for number, name in enumerate(sorted(names)):
        event = accept("x.updated", {"id": f"x_{number}", "object": name}, id=f"evt_{number}")
        mirror.mirror(event.pk)
        assert state_of(event) in (MirrorState.DONE, MirrorState.LEFT), (name, event.mirror_error)


def test_objects_alone_are_copied_where_the_setting_says_so(fake, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "objects"}
    event = accept("customer.updated", CUSTOMER)
    assert mirror.mirror(event.pk) is True
    assert state_of(event) == MirrorState.DONE
    assert djstripe.Customer.objects.filter(id="cus_1").exists()
    assert not djstripe.Event.objects.exists()


def test_nul_in_what_stripe_answers_is_replaced(fake):
    fake.objects["/v1/customers/cus_1"] = {**CUSTOMER, "name": "a\x00b"}
    assert mirror.mirror(accept("customer.updated", CUSTOMER).pk) is True
    assert djstripe.Customer.objects.get(id="cus_1").name == "a\ufffdb"


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_a_stripe_that_is_out_of_order_is_tried_again_later(fake, status):
    fake.failures["/v1/payment_intents/pi_1"] = status
    event = accept("payment_intent.succeeded", INTENT)
    assert mirror.mirror(event.pk) is False
    assert state_of(event) == MirrorState.PENDING
    assert event.mirror_attempts == 1
    assert str(status) in event.mirror_error
    assert event.mirror_due_at > timezone.now() + timedelta(seconds=5)
    assert not djstripe.Event.objects.exists()
    fake.failures.clear()
    assert mirror.mirror(event.pk) is True


def test_a_stripe_that_does_not_answer_is_tried_again_later(monkeypatch):
    monkeypatch.setattr(stripe, "api_base", "http://127.0.0.1:1")
    event = accept("charge.succeeded", CHARGE)
    assert mirror.mirror(event.pk) is False
    assert state_of(event) == MirrorState.PENDING
    assert "APIConnectionError" in event.mirror_error


def test_a_missing_key_is_named(settings):
    settings.STRIPE_TEST_SECRET_KEY = ""
    event = accept("charge.succeeded", CHARGE)
    mirror.mirror(event.pk)
    assert state_of(event) == MirrorState.PENDING
    assert event.mirror_error == "NoApiKey: There is no secret key for test mode in the settings."


def test_it_gives_up_in_the_end(fake):
    fake.failures["/v1/account"] = 500
    event = accept("charge.succeeded", CHARGE)
    for _attempt in range(mirror.MAX_ATTEMPTS):
        assert state_of(event) == MirrorState.PENDING
        mirror.mirror(event.pk)
    assert state_of(event) == MirrorState.FAILED
    assert mirror.sweep() == 0


def test_an_event_that_needs_too_many_calls_fails_by_name(fake, monkeypatch):
    monkeypatch.setattr(mirror, "MAX_FETCHES", 2)
    event = accept("charge.succeeded", CHARGE)
    mirror.mirror(event.pk)
    assert state_of(event) == MirrorState.PENDING
    assert event.mirror_error.startswith("TooManyFetches")
    assert len(fake.requests) == 2


def test_the_sweep_notifies_of_an_event(rung):
    event = accept("charge.succeeded", CHARGE)
    assert rung.messages == []
    assert mirror.sweep() == 1
    assert rung.of(mirror.MIRROR) == [(event.pk,)]
    assert mirror.sweep() == 0


def test_the_sweep_leaves_what_is_to_wait(rung):
    accept("charge.succeeded", CHARGE)
    Event.objects.update(mirror_due_at=timezone.now() + timedelta(seconds=5))
    assert mirror.sweep() == 0
    assert rung.messages == []


def test_the_sweep_notifies_once_for_many(rung):
    for number in range(3):
        accept("charge.succeeded", CHARGE, id=f"evt_{number}")
    assert [mirror.sweep() for _second in range(5)] == [1, 0, 0, 0, 0]
    assert len(rung.messages) == 1


def test_a_message_that_finds_no_place_returns_at_once(fake):
    event = accept("customer.updated", CUSTOMER)
    mirror_slots.take(timezone.now())
    assert mirror.work(event.pk) == 0
    assert fake.requests == []
    assert state_of(event) == MirrorState.PENDING
    assert event.mirror_attempts == 0


def test_whoever_mirrors_works_off_what_others_left(fake, rung):
    events = [accept("customer.updated", CUSTOMER, id=f"evt_{number}") for number in range(3)]
    assert mirror.work(events[1].pk) == 3
    assert [state_of(event) for event in events] == [MirrorState.DONE] * 3
    assert rung.messages == []


def test_whoever_mirrors_for_long_notifies_of_the_rest_and_frees_the_place(fake, rung, monkeypatch):
    monkeypatch.setattr(mirror, "DRAIN_SECONDS", 0)
    first, second, third = (accept("customer.updated", CUSTOMER, id=f"evt_{number}") for number in range(3))
    assert mirror.work(first.pk) == 1
    assert rung.of(mirror.MIRROR) == [(second.pk,)]
    assert mirror.work(second.pk) == 1
    assert state_of(third) == MirrorState.PENDING


def test_an_event_that_comes_after_the_last_look_is_notified_of(fake, rung, monkeypatch):
    late = []
    release = mirror_slots.Place.release

    def accept_and_release(place):
        late.append(accept("customer.updated", CUSTOMER, id="evt_late"))
        release(place)

    event = accept("customer.updated", CUSTOMER)
    monkeypatch.setattr(mirror_slots.Place, "release", accept_and_release)
    mirror.work(event.pk)
    assert rung.of(mirror.MIRROR) == [(late[0].pk,)]


def test_an_event_that_failed_is_not_tried_again_at_once(fake):
    fake.failures["/v1/customers/cus_1"] = 500
    events = [accept("customer.updated", CUSTOMER, id=f"evt_{number}") for number in range(2)]
    assert mirror.work(events[0].pk) == 0
    assert [state_of(event) for event in events] == [MirrorState.PENDING] * 2
    assert [event.mirror_attempts for event in events] == [1, 1]


def test_a_worker_that_lost_its_place_begins_no_further_event(monkeypatch):
    def lose_the_place(_event):
        MirrorSlot.objects.update(token=uuid4())
        return ""

    events = [accept("customer.updated", CUSTOMER, id=f"evt_{number}") for number in range(2)]
    monkeypatch.setattr(mirror.mirrored_objects, "save", lose_the_place)
    assert mirror.work(events[0].pk) == 1
    assert state_of(events[1]) == MirrorState.PENDING


def test_an_event_that_another_worker_took_is_left_alone(fake, monkeypatch):
    event = accept("charge.succeeded", CHARGE)
    stale = Event.objects.get(pk=event.pk)
    Event.objects.update(mirror_due_at=timezone.now())
    monkeypatch.setattr(Event.objects.none().__class__, "first", lambda self: stale)
    assert mirror.mirror(event.pk) is False
    assert fake.requests == []


def test_an_attempt_that_kills_its_worker_counts(fake, monkeypatch):
    class Killed(BaseException):
        pass

    def die():
        raise Killed

    event = accept("charge.succeeded", CHARGE)
    monkeypatch.setattr(mirror.mirrored_objects, "save", lambda event: die())
    for _attempt in range(mirror.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            mirror.mirror(event.pk)
    Event.objects.update(mirror_due_at=timezone.now())
    assert mirror.sweep() == 0
    assert state_of(event) == MirrorState.FAILED


def test_a_stripe_that_is_always_slow_does_not_outlive_the_queues_timeout(fake, monkeypatch):
    monkeypatch.setattr(mirror, "BUDGET_SECONDS", -1)
    event = accept("charge.succeeded", CHARGE)
    mirror.mirror(event.pk)
    assert state_of(event) == MirrorState.PENDING
    assert fake.requests == []
    assert event.mirror_error.startswith("StripeUnavailable")


def test_event_and_place_are_held_again_before_each_call(fake, monkeypatch):
    event = accept("charge.succeeded", CHARGE)
    place = mirror_slots.take(timezone.now())
    held = []
    fetch = mirror._fetch_now

    def fetch_much_later(request, *, client):
        held.append((MirrorSlot.objects.get().held_until, Event.objects.get(pk=event.pk).mirror_due_at))
        return fetch(request, client=client)

    monkeypatch.setattr(mirror, "_fetch_now", fetch_much_later)
    assert mirror.mirror(event.pk, place=place) is True
    assert len(held) > 1
    assert held == sorted(held)
    assert len(set(held)) == len(held)


def test_whoever_lost_the_event_calls_no_more_and_leaves_it_to_the_other(fake, monkeypatch):
    event = accept("charge.succeeded", CHARGE)
    other = timezone.now() + timedelta(seconds=30)
    fetch = mirror._fetch_now

    def lose(request, *, client):
        Event.objects.filter(pk=event.pk).update(mirror_due_at=other)
        return fetch(request, client=client)

    monkeypatch.setattr(mirror, "_fetch_now", lose)
    assert mirror.mirror(event.pk) is False
    assert len(fake.requests) == 1
    assert (state_of(event), event.mirror_due_at, event.mirror_error) == (MirrorState.PENDING, other, "")


def test_a_call_that_is_no_get_is_refused(fake, monkeypatch):
    def delete(event):
        djstripe.Customer(id="cus_1")._api_delete(api_key=KEY)

    monkeypatch.setattr(mirror.mirrored_objects, "save", delete)
    event = accept("customer.deleted", CUSTOMER)
    assert mirror.mirror(event.pk) is False
    assert state_of(event) == MirrorState.PENDING
    assert event.mirror_error.startswith("RefusedCall: DELETE")
    assert fake.requests == []


def test_other_calls_of_the_process_pass_the_gate(fake):
    mirror.mirror(accept("customer.updated", CUSTOMER).pk)
    fake.requests.clear()
    assert stripe.Charge.retrieve("ch_1", api_key=KEY).amount == 2_000
    assert fake.requests == [("GET", "/v1/charges/ch_1")]


def test_the_task_mirrors(fake):
    event = accept("customer.updated", CUSTOMER)
    tasks.mirror(event.pk)
    assert state_of(event) == MirrorState.DONE
