"""Several workers send what is due at the same moment: each event reaches its destination once."""

import threading
import time

import pytest
from django.db import connection

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.models import DeliveryAttempt, EventDelivery
from stripeflow.workflows.worker import delivering
from tests.workflows.destinations.receiver import receiving

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, EVENTS = 4, 40


def test_each_event_is_sent_once(settings, queue):
    with receiving() as receiver:
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_ALLOWED_ORIGINS": [receiver.origin]}
        rows = [
            changes.add(Wanted(f"No. {number}", receiver.url, ("run.failed",)), NOBODY).destination
            for number in range(2)
        ]
        for number in range(EVENTS):
            changes.ping(rows[number % 2], NOBODY)
        together = threading.Barrier(WORKERS)
        threads = [threading.Thread(target=_work, args=(together,)) for _number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(receiver.ids)) == sorted(receiver.ids)
        assert len(receiver.ids) == EVENTS
    assert set(EventDelivery.objects.values_list("status", "attempts")) == {("delivered", 1)}
    assert DeliveryAttempt.objects.count() == EVENTS


def _work(together):
    together.wait()
    try:
        while EventDelivery.objects.open().exists():
            delivering.send_all(ends=time.monotonic() + 30)
    finally:
        connection.close()
