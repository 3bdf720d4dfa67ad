import pytest

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.editing import NotAllowed, RevisionConflict
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Activation, Workflow, WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus
from tests.workflows.documents import action, compare, document, group, usd

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

SOUND = document(
    action("one", text="a"), conditions=group(compare("trigger.amount", "greater_than", usd(1000)))
)


@pytest.fixture
def workflow():
    return lifecycle.create(SOUND)


def test_a_new_workflow_is_a_draft(workflow):
    assert workflow.status == WorkflowStatus.DRAFT
    assert to_document(workflow) == SOUND


def test_a_document_without_structure_saves_nothing():
    with pytest.raises(DefinitionError):
        lifecycle.create({"format": 1})
    assert not Workflow.objects.exists()


def test_activating_freezes_the_rows_with_their_types_beside_them(workflow):
    version = lifecycle.activate(workflow, Act(note="First"))
    assert (workflow.status, workflow.active_version) == (WorkflowStatus.ACTIVE, version)
    assert (version.number, version.note) == (1, "First")
    assert version.document == to_document(workflow)
    types = version.types["/trigger/conditions/conditions/0"]
    assert types == {"type": "money", "currency_field": "trigger.currency"}


def test_activating_lists_every_problem_and_changes_nothing():
    workflow = lifecycle.create(document(action("one", "no.such.action"), action("two", surprise="x")))
    with pytest.raises(DefinitionError) as caught:
        lifecycle.activate(workflow)
    assert {(p.step, p.code) for p in caught.value.problems} == {
        ("one", "unknown_action"),
        ("two", "unknown_input"),
    }
    workflow.refresh_from_db()
    assert workflow.status == WorkflowStatus.DRAFT
    assert not WorkflowVersion.objects.exists()


def test_a_second_activation_makes_the_next_version_and_closes_the_first_interval(workflow):
    lifecycle.activate(workflow)
    second = lifecycle.activate(workflow)
    assert second.number == 2
    assert [a.ended_at is None for a in Activation.objects.order_by("id")] == [False, True]


def test_edits_of_an_active_workflow_are_unpublished_until_activated_again(workflow):
    lifecycle.activate(workflow)
    assert not lifecycle.unpublished_changes(workflow)
    editing.update(workflow, {**SOUND, "name": "Other"}, revision=workflow.revision)
    assert lifecycle.unpublished_changes(workflow)
    assert workflow.active_version.document["name"] == SOUND["name"]
    lifecycle.activate(workflow)
    assert not lifecycle.unpublished_changes(workflow)


def test_the_second_of_two_editors_overwrites_nothing(workflow):
    seen = workflow.revision
    editing.update(workflow, {**SOUND, "name": "First editor"}, revision=seen)
    with pytest.raises(RevisionConflict):
        editing.update(workflow, {**SOUND, "name": "Second editor"}, revision=seen)
    workflow.refresh_from_db()
    assert (workflow.name, workflow.revision) == ("First editor", seen + 1)


def test_activating_something_that_changed_since_it_was_looked_at_is_refused(workflow):
    seen = workflow.revision
    editing.update(workflow, SOUND, revision=seen)
    with pytest.raises(RevisionConflict):
        lifecycle.activate(workflow, revision=seen)


def test_deactivating_closes_the_interval(workflow):
    lifecycle.activate(workflow)
    lifecycle.deactivate(workflow)
    assert (workflow.status, workflow.active_version) == (WorkflowStatus.INACTIVE, None)
    assert not Activation.objects.filter(ended_at=None).exists()


def test_an_active_workflow_can_not_be_archived(workflow):
    lifecycle.activate(workflow)
    with pytest.raises(NotAllowed):
        lifecycle.archive(workflow)


def test_an_archived_workflow_can_not_be_changed(workflow):
    lifecycle.archive(workflow)
    with pytest.raises(NotAllowed):
        editing.update(workflow, SOUND, revision=workflow.revision)


@pytest.mark.parametrize(("activated", "status"), [(False, "draft"), (True, "inactive")])
def test_an_archived_workflow_comes_back_as_what_it_was(workflow, activated, status):
    if activated:
        lifecycle.activate(workflow)
        lifecycle.deactivate(workflow)
    lifecycle.archive(workflow)
    lifecycle.restore(workflow)
    assert workflow.status == status


def test_only_an_archived_workflow_can_be_restored(workflow):
    lifecycle.activate(workflow)
    with pytest.raises(NotAllowed):
        lifecycle.restore(workflow)
    workflow.refresh_from_db()
    assert workflow.status == WorkflowStatus.ACTIVE


def test_a_copy_is_a_draft_with_the_same_definition(workflow):
    lifecycle.activate(workflow)
    copy = lifecycle.duplicate(workflow)
    assert copy.status == WorkflowStatus.DRAFT
    assert to_document(copy) == {**SOUND, "name": f"Copy of {SOUND['name']}"}


def test_a_version_can_not_be_changed(workflow):
    version = lifecycle.activate(workflow)
    version.note = "Other"
    with pytest.raises(TypeError):
        version.save()
