"""A database that is full, or read-only, for a while: Stripe is told to send again, and nothing is lost."""

import re
import time
from datetime import timedelta

import pytest
from django.db import Error, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.triggers.redaction import TaskFailed
from stripeflow.workflows import tasks
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat, Run, StepRun
from stripeflow.workflows.monitoring import health
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.worker.due import look_around
from tests.crashes.full import read_only, room_for
from tests.triggers.stripe_events import SECRET, as_json, signed
from tests.workflows.documents import action, document
from tests.workflows.events import payment

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own settings"),
]

# More than fits into what is left of half-empty pages.
LONG = "x" * 20_000
BY_THE_DATABASE = re.compile(r"OperationalError: (database or disk is full|attempt to write a readonly)")
# Pages with which everything fits.
ENOUGH = 60


@pytest.fixture(autouse=True)
def _fresh(recorder, queue):
    """The queue is another matter: what is lost there is rung again."""


def activate(*steps):
    workflow = lifecycle.create(document(*steps))
    lifecycle.activate(workflow)
    return workflow


@pytest.fixture
def endpoint():
    from djstripe.models import WebhookEndpoint

    return WebhookEndpoint.objects.create(
        id="we_test", secret=SECRET, url="https://example.com/hook", enabled_events=["*"], status="enabled"
    )


def deliver(endpoint):
    """Deliver one and the same event; the status that Stripe sees."""
    event = {
        "id": "evt_full",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": payment(description=LONG)},
    }
    body = as_json(event)
    url = reverse("stripeflow_triggers:webhook", args=[endpoint.djstripe_uuid])
    headers = {"Stripe-Signature": signed(body)}
    client = Client(raise_request_exception=False)
    return client.generic("POST", url, body, content_type="application/json", headers=headers).status_code


def wait():
    """Everybody's patience ends, as in tests.crashes.world."""
    past = timezone.now() - timedelta(minutes=2)
    Run.objects.filter(status=RunStatus.RUNNING).update(lease_expires_at=past)
    Run.objects.filter(status=RunStatus.WAITING).update(due_at=past)
    Run.objects.exclude(rung_at=None).update(rung_at=past)
    Event.objects.filter(matched_at=None).update(match_due_at=past)


def work_off(queue):
    """What a worker does with its messages; those that fail are gone, as from any queue."""
    failed = 0
    while waiting := queue.of(EXECUTE):
        queue.messages.clear()
        failed += sum(not done(run_id) for (run_id,) in waiting)
    return failed


def done(run_id):
    """Whether the task ended; it may fail by the database alone, whose words it tells."""
    try:
        tasks.execute(run_id)
    except TaskFailed as failed:
        if not BY_THE_DATABASE.search(str(failed)):
            raise
        return False
    return True


def settle(queue):
    for _ in range(5):
        wait()
        look_around()
        work_off(queue)


@pytest.mark.parametrize("pages", range(0, 24, 2))
def test_an_event_that_can_not_be_stored_is_sent_again(endpoint, recorder, queue, pages):
    activate(action("one", text="{{ event.id }}"))
    with room_for(pages):
        status = deliver(endpoint)
        # Stored in full, or not at all; what was stored but not matched is the sweep's.
        assert (status, Event.objects.count()) in [(500, 0), (200, 1)]
        assert Run.objects.count() in ((0,) if status == 500 else (0, 1))
    assert deliver(endpoint) == 200
    settle(queue)
    assert Event.objects.exclude(matched_at=None).count() == 1
    assert [run.status for run in Run.objects.all()] == ["succeeded"]
    assert len(recorder.calls) == 1


def test_what_has_room_is_stored_and_what_has_none_is_not(endpoint):
    activate(action("one", text="a"))
    with room_for(0):
        assert deliver(endpoint) == 500
    with room_for(ENOUGH):
        assert deliver(endpoint) == 200


def test_a_database_that_is_read_only_answers_stripe_to_send_again(endpoint, queue, recorder):
    activate(action("one", text="a"))
    with read_only():
        assert deliver(endpoint) == 500
    assert not Event.objects.exists()
    assert deliver(endpoint) == 200
    with read_only():
        assert work_off(queue) == 1
    assert recorder.calls == []
    settle(queue)
    assert [run.status for run in Run.objects.all()] == ["succeeded"]


@pytest.mark.parametrize("kind", ["test.record", "test.ask", "test.safe"])
@pytest.mark.parametrize("pages", [0, 2, 4, 6, 8, 12])
def test_a_run_that_meets_a_full_database_goes_on_after_it(endpoint, recorder, queue, kind, pages):
    activate(*[action(key, kind, text="a") for key in ("one", "two")])
    recorder.then(*[lambda: {"long": LONG}] * 20)
    assert deliver(endpoint) == 200
    with room_for(pages):
        for _ in range(6):
            wait()
            done(str(Run.objects.get().pk))
            queue.messages.clear()
    settle(queue)
    run = Run.objects.get()
    unknown = StepRun.objects.filter(status=StepStatus.OUTCOME_UNKNOWN)
    if kind == "test.ask" and unknown:
        assert run.status == "outcome_unknown"
        assert len(recorder.calls) == unknown.count() + StepRun.objects.filter(status="succeeded").count()
    else:
        assert run.status == "succeeded"
        assert len(set(recorder.keys)) == 2


def test_the_sweep_goes_on_and_health_shows_it_in_the_end(endpoint, queue):
    activate(action("one", text="a"))
    beats = heartbeat.Heartbeat()
    beats.tick()
    assert deliver(endpoint) == 200
    with read_only():
        with pytest.raises(Error):
            look_around()
        beats.wrote = beats.asked = float("-inf")
        beats.tick()
        later = timezone.now() + timedelta(seconds=60)
        failing = {check.name for check in health.check_all(later) if not check.ok}
    assert "sweep" in failing
    beats.tick()
    assert Beat.objects.newest(heartbeat.SWEEP) > timezone.now() - timedelta(seconds=5)
    settle(queue)
    assert Run.objects.get().status == "succeeded"
