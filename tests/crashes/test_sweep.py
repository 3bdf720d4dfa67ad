"""The sweep goes on when a part of it, the queue or the clock goes wrong."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.engine import execution
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.matching import starting
from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker.due import look_around, notify_due
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]


@pytest.fixture
def run(start, queue):
    """A run whose first ring was lost."""
    run = start(action("one", text="a"))
    queue.messages.clear()
    Run.objects.update(rung_at=None)
    return run


def fail_with(error):
    def fail(*_args, **_options):
        raise error

    return fail


def test_a_queue_that_is_away_does_not_end_the_sweep(run, queue):
    queue.error = ConnectionRefusedError()
    assert look_around()["notified"] == 0


def test_a_sweep_that_fails_does_not_keep_the_runs_from_being_notified(run, queue, monkeypatch):
    monkeypatch.setattr("stripeflow.workflows.worker.due.inbox.sweep", fail_with(OperationalError()))
    with pytest.raises(OperationalError):
        look_around()
    assert queue.of(EXECUTE) == [(str(run.pk),)]


def test_a_notification_made_before_the_clock_was_set_back_is_repeated(run, queue):
    Run.objects.update(rung_at=timezone.now() + timedelta(hours=1))
    assert notify_due() == 1


def test_a_version_that_can_not_be_read_does_not_keep_the_others_from_starting(queue, monkeypatch):
    broken, sound = (lifecycle.create(document(action("one", text=name))) for name in ("broken", "sound"))
    versions = [lifecycle.activate(workflow) for workflow in (broken, sound)]
    WorkflowVersion.objects.filter(pk=versions[0].pk).update(document={"format": 0})
    event = accept(payment())
    assert event.matched_at is not None
    runs = {run.workflow_id: run.status for run in Run.objects.filter(event=event)}
    assert runs == {broken.pk: RunStatus.FAILED, sound.pk: RunStatus.QUEUED}


def test_a_database_error_while_matching_leaves_the_event_to_the_sweep(queue, monkeypatch):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    with monkeypatch.context() as patch:
        patch.setattr(starting, "evaluate_trigger", fail_with(OperationalError()))
        event = accept(payment())
    assert Event.objects.get(pk=event.pk).matched_at is None
    assert look_around()["matched"] == 1
    assert Run.objects.get(event=event).status == RunStatus.QUEUED


def test_a_run_held_just_after_its_pause_ended_is_released(start, monkeypatch):
    run = start(action("one", text="a"))
    pausing.pause(run.workflow_id, "Test.")
    leave = execution.leave

    def resume_first(*args, **columns):
        pausing.resume(run.workflow_id)
        leave(*args, **columns)

    monkeypatch.setattr(execution, "leave", resume_first)
    assert execute(run.pk) is RunStatus.QUEUED
    run.refresh_from_db()
    assert (run.status, run.held_reason, run.error) == (RunStatus.QUEUED, "", None)


def test_a_run_stays_held_while_its_workflow_is_paused(start):
    run = start(action("one", text="a"))
    Workflow.objects.update(paused_at=timezone.now())
    assert execute(run.pk) is RunStatus.HELD
