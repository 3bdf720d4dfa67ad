"""Deliveries to a real server on loopback."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes, choosing, sending, telling
from stripeflow.workflows.destinations.deciding import ATTEMPTS, DELAYS
from stripeflow.workflows.destinations.terms import LEASE
from stripeflow.workflows.models import AuditEntry, DestinationSecret, EventDelivery, EventDestination
from stripeflow.workflows.tasks import alert_destination
from tests.workflows.destinations.receiver import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ping(add, receiver, queue):
    """Add a destination, and have a test event sent there; `ping.secret` verifies it."""
    made = add(receiver.url)
    delivery = changes.ping(made.destination, NOBODY)
    delivery.secret = made.secret
    return delivery


def attempt(now=None):
    """Send what is due; the delivery as it is then."""
    claimed = choosing.claim(now or timezone.now())
    assert claimed is not None
    sending.send(claimed)
    claimed.refresh_from_db()
    return claimed


def fail_until_given_up(receiver, status=500):
    receiver.answers += [Answer(status)] * ATTEMPTS
    for _number in range(ATTEMPTS):
        EventDelivery.objects.open().update(next_at=timezone.now())
        delivery = attempt()
    return delivery


def test_it_is_delivered_signed_and_written_down(ping, receiver):
    delivery = attempt()
    [body] = receiver.verified(ping.secret)
    assert body["type"] == "destination.ping"
    assert body["id"] == receiver.ids[0] == delivery.event.message_id
    assert receiver.came[0][0]["content-type"] == "application/json"
    assert (delivery.status, delivery.attempts, delivery.next_at) == ("delivered", 1, None)
    [tried] = delivery.tries.all()
    assert (tried.status_code, tried.error) == (200, "")
    assert tried.duration_ms is not None
    assert choosing.claim(timezone.now()) is None


def test_a_failure_is_sent_again_later_with_the_same_id_and_body(ping, receiver):
    receiver.answers = [Answer(500)]
    before = timezone.now()
    delivery = attempt()
    assert delivery.status == "pending"
    assert before + DELAYS[1] <= delivery.next_at <= timezone.now() + DELAYS[1] * 1.1
    assert choosing.claim(timezone.now()) is None
    assert attempt(delivery.next_at).status == "delivered"
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.came[0][1] == receiver.came[1][1]
    assert len(receiver.verified(ping.secret)) == 2


def test_a_redirect_is_a_failure_and_is_not_followed(ping, receiver):
    receiver.answers = [Answer(302, {"Location": f"{receiver.origin}/elsewhere"})]
    assert attempt().status == "pending"
    assert len(receiver.came) == 1


def test_the_destination_may_ask_for_time(ping, receiver):
    receiver.answers = [Answer(429, {"Retry-After": "7200"})]
    delivery = attempt()
    assert delivery.next_at >= timezone.now() + timedelta(hours=1, minutes=59)
    changes.ping(delivery.destination, NOBODY)
    assert choosing.claim(timezone.now() + timedelta(minutes=1)) is None
    assert choosing.claim(timezone.now() + timedelta(hours=3)) is not None


def test_410_disables_the_destination(ping, receiver, mailoutbox, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["ops@example.com"]}
    waiting = changes.ping(ping.destination, NOBODY)
    receiver.answers = [Answer(410)]
    assert attempt().status == "failed"
    waiting.refresh_from_db()
    assert waiting.status == "canceled"
    row = EventDestination.objects.get()
    assert (row.is_enabled, row.disabled_because) == (False, "gone")
    assert AuditEntry.objects.filter(kind="destination.disabled").count() == 1
    assert telling.notify_due() == 1
    assert telling.notify_due() == 0
    alert_destination(row.pk)
    [message] = mail.outbox
    assert row.title in message.subject
    assert message.to == ["ops@example.com"]


def test_after_days_of_failures_the_destination_is_disabled(ping, receiver):
    assert fail_until_given_up(receiver).status == "failed"
    assert EventDestination.objects.get().disabled_because == "failing"


def test_one_that_has_taken_something_else_meanwhile_is_not(ping, receiver):
    receiver.answers = [Answer(500)]
    attempt()
    other = changes.ping(ping.destination, NOBODY)
    assert attempt().pk == other.pk
    receiver.answers = [Answer(500)] * ATTEMPTS
    for _number in range(ATTEMPTS - 1):
        EventDelivery.objects.open().update(next_at=timezone.now())
        delivery = attempt()
    assert delivery.status == "failed"
    assert EventDestination.objects.get().is_enabled


def test_a_process_that_dies_while_it_sends_leaves_it_to_another_one(ping, receiver):
    now = timezone.now()
    assert choosing.claim(now) is not None
    assert choosing.claim(now) is None
    late = now + LEASE
    assert attempt(late).status == "delivered"
    assert EventDelivery.objects.get().attempts == 2


def test_the_outcome_of_a_process_that_was_taken_for_dead_does_not_count(ping, receiver):
    slow = choosing.claim(timezone.now())
    attempt(timezone.now() + LEASE)
    receiver.answers = [Answer(500)]
    assert sending.send(slow) is False
    assert EventDelivery.objects.get().status == "delivered"


def test_what_a_destination_is_not_allowed_to_be_fails_without_a_call(add, receiver):
    made = add(receiver.url)
    EventDestination.objects.update(url="https://127.0.0.1/private")
    changes.ping(made.destination, NOBODY)
    delivery = attempt()
    assert delivery.status == "pending"
    assert delivery.tries.get().error
    assert receiver.came == []


def test_no_secret_is_kept_or_logged_in_clear(ping, receiver, caplog):
    caplog.set_level("DEBUG")
    attempt()
    assert ping.secret not in caplog.text
    with connection.cursor() as cursor:
        for model in (EventDestination, EventDelivery, DestinationSecret, AuditEntry):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            assert ping.secret not in str(cursor.fetchall())


def test_both_secrets_sign_for_a_day_after_a_rotation(ping, receiver):
    made = changes.rotate(ping.destination, NOBODY)
    attempt()
    assert receiver.verified(ping.secret) == receiver.verified(made.secret)
    late = timezone.now() + timedelta(hours=25)
    assert DestinationSecret.objects.valid(late).count() == 1


def test_a_secret_that_others_know_ends_at_once(ping, receiver):
    made = changes.rotate(ping.destination, NOBODY, at_once=True)
    attempt()
    assert receiver.verified(made.secret)
    assert receiver.came[0][0]["webhook-signature"].count("v1,") == 1
