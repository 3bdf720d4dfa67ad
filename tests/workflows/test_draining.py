"""One wake-up of a worker serves the other runs that wait."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from actions import errors
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from workflows import activation
from workflows.draining import drain
from workflows.engine.execution import execute
from workflows.models import Run
from workflows.states import RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(rings, recorder):
    activation.activate(activation.create(document(action("one", text="a"))))
    for number in range(3):
        accept(payment(id=f"pi_{number}"))
    rings.clear()
    return Run.objects.all()


def statuses():
    return sorted(Run.objects.values_list("status", flat=True))


def test_it_takes_all_queued_runs(three, rings):
    assert drain(since=time.monotonic()) == 3
    assert statuses() == ["succeeded"] * 3
    assert rings == []


def test_it_takes_waiting_runs_whose_time_has_come(three):
    past, later = (timezone.now() + timedelta(minutes=minutes) for minutes in (-1, 1))
    first, second, third = three
    Run.objects.filter(pk=first.pk).update(status=RunStatus.WAITING, due_at=past)
    Run.objects.filter(pk=second.pk).update(status=RunStatus.WAITING, due_at=later)
    assert drain(since=time.monotonic()) == 2
    assert statuses() == ["succeeded", "succeeded", "waiting"]
    assert Run.objects.get(status=RunStatus.WAITING).pk == second.pk
    assert third.pk != second.pk


def test_a_run_that_is_due_again_at_once_is_left_to_the_ring(three, recorder):
    run = three.last()
    Run.objects.exclude(pk=run.pk).update(status=RunStatus.CANCELED)
    for _attempt in range(3):
        recorder.then(errors.Throttled("Later.", retry_after=0.0))
    assert drain(since=time.monotonic()) == 2
    assert len(recorder.calls) == 2


def test_it_takes_over_what_lost_its_worker(three):
    past, later = (timezone.now() + timedelta(minutes=minutes) for minutes in (-1, 1))
    lost, held, _queued = three
    token = {"status": RunStatus.RUNNING, "token": uuid4(), "claims": 1}
    Run.objects.filter(pk=lost.pk).update(lease_expires_at=past, **token)
    Run.objects.filter(pk=held.pk).update(lease_expires_at=later, **token)
    assert drain(since=time.monotonic()) == 2
    assert Run.objects.get(pk=lost.pk).status == RunStatus.SUCCEEDED
    assert Run.objects.get(pk=held.pk).status == RunStatus.RUNNING


def test_a_run_that_may_not_be_taken_over_does_not_hold_it_up(three):
    spent = three.last()
    past = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=spent.pk).update(status=RunStatus.RUNNING, lease_expires_at=past, idle_claims=99)
    assert drain(since=time.monotonic()) == 2


def test_what_another_worker_has_is_left_alone(three):
    execute(three[0].pk)
    Run.objects.filter(status=RunStatus.QUEUED).update(
        status=RunStatus.RUNNING, lease_expires_at=timezone.now() + timedelta(seconds=30)
    )
    assert drain(since=time.monotonic()) == 0


def test_a_worker_makes_room_after_its_time_and_rings_for_the_rest(three, rings, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "DRAIN_SECONDS": 0}
    assert drain(since=time.monotonic()) == 0
    assert len(rings) == 1
