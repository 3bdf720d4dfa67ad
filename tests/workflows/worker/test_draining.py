"""One wake-up of a worker serves the other runs that wait."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.triggers.models import Event, Source
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import draining
from stripeflow.workflows.worker.draining import drain
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(queue, recorder):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(3):
        accept(payment(id=f"pi_{number}"))
    queue.messages.clear()
    return Run.objects.all()


@pytest.fixture(autouse=True)
def _begin(monkeypatch):
    """As in a process that has not drained before."""
    monkeypatch.setattr("stripeflow.workflows.worker.draining._is_behind", False)
    monkeypatch.setattr("stripeflow.workflows.worker.draining._looked_at", float("-inf"))
    monkeypatch.setattr("stripeflow.workflows.worker.draining._QUEUED._known_until", float("-inf"))


def statuses():
    return sorted(Run.objects.values_list("status", flat=True))


def test_it_takes_all_queued_runs(three, queue):
    assert drain(since=time.monotonic()) == 3
    assert statuses() == ["succeeded"] * 3
    assert queue.messages == []


def test_it_takes_waiting_runs_whose_time_has_come(three):
    past, later = (timezone.now() + timedelta(minutes=minutes) for minutes in (-1, 1))
    first, second, third = three
    Run.objects.filter(pk=first.pk).update(status=RunStatus.WAITING, due_at=past)
    Run.objects.filter(pk=second.pk).update(status=RunStatus.WAITING, due_at=later)
    assert drain(since=time.monotonic()) == 2
    assert statuses() == ["succeeded", "succeeded", "waiting"]
    assert Run.objects.get(status=RunStatus.WAITING).pk == second.pk
    assert third.pk != second.pk


def test_a_run_that_is_due_again_at_once_is_left_to_the_sweep(three, recorder):
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


def test_a_worker_makes_room_after_its_time_and_notifies_of_the_rest(three, queue, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "DRAIN_SECONDS": 0}
    assert drain(since=time.monotonic()) == 0
    assert len(queue.of(EXECUTE)) == 1


def queue_for(account, *, many, pattern):
    """As many queued runs of an account, whose events came one after the other."""
    events = [
        Event(
            source=Source.STRIPE,
            external_id=f"evt_{account}_{number}",
            type=pattern.event.type,
            created=timezone.now(),
            matched_at=timezone.now(),
            account=account,
        )
        for number in range(many)
    ]
    same = {"workflow_id": pattern.workflow_id, "version_id": pattern.version_id}
    return Run.objects.bulk_create([Run.of(event, **same) for event in Event.objects.bulk_create(events)])


@pytest.fixture
def crowd(three):
    """A thousand queued runs of one account, and then three of another."""
    pattern = three.select_related("event").first()
    Run.objects.update(status=RunStatus.CANCELED)
    queue_for("acct_a", many=1_000, pattern=pattern)
    return [run.pk for run in queue_for("acct_b", many=3, pattern=pattern)]


def claimed(monkeypatch, *, most):
    """The runs that a worker claims one after the other, until there were so many."""
    order = []

    def claim(run_id):
        order.append(run_id)
        if len(order) == most:
            monkeypatch.setattr("stripeflow.workflows.liveness.termination.is_asked", lambda: True)
        return execute(run_id)

    monkeypatch.setattr("stripeflow.workflows.worker.draining.execute", claim)
    return order


@pytest.fixture
def late(crowd):
    """A run that is due again, beside the long queue."""
    past = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=crowd[0]).update(status=RunStatus.WAITING, due_at=past)
    return draining.Waiting(crowd[0], is_once=True)


def test_in_a_long_queue_what_is_due_again_is_looked_for_several_times_a_second(late, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("stripeflow.workflows.worker.draining.time.monotonic", lambda: now[0])
    looks = []
    for seconds in (0.0, 0.05, 0.06):
        now[0] += seconds
        looks.append(late in draining.waiting(set(), 4))
    assert looks == [True, False, True]


def test_at_the_end_of_a_queue_what_is_due_again_is_looked_for_each_time(late):
    many = Run.objects.filter(status=RunStatus.QUEUED).count()
    assert late in draining.waiting(set(), many + 1)
    assert late in draining.waiting(set(), many + 1)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.WAITING])
def test_a_busy_account_keeps_no_other_waiting(crowd, monkeypatch, status):
    past = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(status=RunStatus.QUEUED).update(status=status, due_at=past)
    order = claimed(monkeypatch, most=20)
    drain(since=time.monotonic())
    assert set(crowd) <= set(order[:8])
    assert set(Run.objects.filter(pk__in=crowd).values_list("status", flat=True)) == {RunStatus.SUCCEEDED}


def test_of_a_long_queue_the_named_run_has_no_right_of_way(crowd, monkeypatch, settings):
    """Each message names a run of the busy account, and there is no time for more than one run."""
    named = iter(Run.objects.filter(account="acct_a").order_by("event_id")[:8])
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "DRAIN_SECONDS": 0.000_001}
    order = claimed(monkeypatch, most=100)
    for run in named:
        draining.work(run.pk, since=time.monotonic())
    assert set(crowd) <= set(order)


def test_a_worker_that_is_not_behind_takes_the_named_run_first(three, monkeypatch):
    order = claimed(monkeypatch, most=100)
    named = three.last()
    draining.work(named.pk, since=time.monotonic())
    assert order[0] == named.pk
