"""People who decide on what they read a while ago, and clocks that went back meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.editing import NotAllowed
from stripeflow.workflows.models import Activation, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]


@pytest.fixture
def workflow():
    return lifecycle.create(document(action("one", text="a")))


def read(workflow):
    return Workflow.objects.get(pk=workflow.pk)


def test_restoring_what_was_restored_and_activated_meanwhile_is_refused(workflow):
    lifecycle.activate(workflow)
    lifecycle.deactivate(workflow)
    lifecycle.archive(workflow)
    stale = read(workflow)
    lifecycle.restore(workflow)
    lifecycle.activate(workflow)
    with pytest.raises(NotAllowed):
        lifecycle.restore(stale)
    assert read(workflow).status == WorkflowStatus.ACTIVE
    assert Activation.objects.filter(ended_at=None).count() == 1


def test_deactivating_does_not_restore_an_archived_workflow(workflow):
    lifecycle.archive(workflow)
    with pytest.raises(NotAllowed):
        lifecycle.deactivate(workflow)
    assert read(workflow).status == WorkflowStatus.ARCHIVED


def test_a_version_carries_the_name_of_now_not_the_one_that_was_read(workflow):
    stale = read(workflow)
    editing.update(workflow, {**document(action("one", text="a")), "name": "New"}, revision=1)
    assert lifecycle.activate(stale).document["name"] == "New"


def test_a_copy_is_of_now_not_of_what_was_read(workflow):
    stale = read(workflow)
    editing.update(workflow, {**document(action("two", text="b")), "name": "New"}, revision=1)
    copy = lifecycle.duplicate(stale)
    assert copy.name == "Copy of New"
    assert [step.key for step in copy.steps.all()] == ["two"]


def test_what_was_deleted_meanwhile_has_no_copy(workflow):
    stale = read(workflow)
    workflow.delete()
    with pytest.raises(NotAllowed, match="does not exist any more"):
        lifecycle.duplicate(stale)


def test_a_clock_that_was_set_back_keeps_nobody_from_deactivating(workflow):
    lifecycle.activate(workflow)
    Activation.objects.update(started_at=timezone.now() + timedelta(hours=1))
    lifecycle.deactivate(workflow)
    (interval,) = Activation.objects.all()
    assert interval.ended_at == interval.started_at
