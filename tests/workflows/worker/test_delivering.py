"""The sweep asks for senders; each sends until nothing is due."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.models import EventDelivery
from stripeflow.workflows.queue import DELIVER
from stripeflow.workflows.worker import delivering
from stripeflow.workflows.worker.due import look_around
from tests.workflows.destinations.receiver import receiving

pytestmark = pytest.mark.django_db


def test_the_sweep_asks_once_until_a_worker_answers(queue, settings):
    with receiving() as receiver:
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_ALLOWED_ORIGINS": [receiver.origin]}
        row = changes.add(Wanted("Warehouse", receiver.url, ("run.failed",)), NOBODY).destination
        assert look_around()["delivered"] == 0
        for _number in range(3):
            changes.ping(row, NOBODY)
        assert [look_around()["delivered"] for _number in range(3)] == [1, 0, 0]
        assert [message.task for message in queue.messages] == [DELIVER]
        queue.run()
        assert len(receiver.came) == 3
        assert set(EventDelivery.objects.values_list("status", flat=True)) == {"delivered"}
        changes.ping(row, NOBODY)
        assert delivering.notify_due() == 1


def test_a_message_that_nobody_answers_is_repeated(queue, settings, monkeypatch):
    row = changes.add(Wanted("Warehouse", "https://example.com/", ("run.failed",)), NOBODY).destination
    changes.ping(row, NOBODY)
    assert delivering.notify_due() == 1
    later = timezone.now() + timedelta(seconds=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert delivering.notify_due() == 1
