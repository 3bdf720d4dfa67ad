"""A schedule that starts nothing: its owner is told once a day, and no longer once it has started."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows import tasks
from stripeflow.workflows.alerts import mail, silent_schedules
from stripeflow.workflows.models import Beat, Schedule
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import ALERT_SILENT
from stripeflow.workflows.worker.due import look_around
from tests.workflows.schedules.documents import scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def silent(django_user_model):
    owner = django_user_model.objects.create_user("editor", email="editor@example.org", is_staff=True)
    workflow = lifecycle.create(scheduled(), owner=owner)
    lifecycle.activate(workflow)
    Schedule.objects.update(silent_from=timezone.now() - MINUTE)
    return workflow


def test_the_owner_is_told_once_a_day(silent, queue, mailoutbox):
    now = timezone.now()
    for minutes in range(5):
        silent_schedules.tell_of_silent_schedules(now + minutes * MINUTE)
    assert queue.of(ALERT_SILENT) == [(silent.pk,)]
    queue.run()
    assert mailoutbox[0].subject == f"The schedule of “{silent.name}” starts no runs"
    assert mailoutbox[0].to == ["editor@example.org"]
    assert silent_schedules.tell_of_silent_schedules(now + timedelta(days=1, minutes=1)) == 1


def test_one_that_has_started_since_is_not_reported(silent, queue, mailoutbox):
    assert look_around()["silent"] == 1
    Schedule.objects.update(silent_from=timezone.now() + MINUTE)
    queue.run()
    assert mailoutbox == []


def test_a_paused_one_is_not_reported(silent, queue):
    silent.paused_at = timezone.now()
    silent.save(update_fields=["paused_at"])
    assert silent_schedules.tell_of_silent_schedules() == 0


def test_a_mail_that_could_not_be_sent_is_sent_later(silent, queue, monkeypatch, mailoutbox):
    def away(*_given, **_more):
        raise OSError

    now = timezone.now()
    silent_schedules.tell_of_silent_schedules(now)
    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", away)
        tasks.alert_silent(silent.pk)
    Beat.objects.filter(name="silent schedules").delete()
    assert silent_schedules.tell_of_silent_schedules(now + 11 * MINUTE) == 1
