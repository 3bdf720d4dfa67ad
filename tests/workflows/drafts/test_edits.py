"""The stack of changes: undone one by one, made again one by one, bounded, and never out of step."""

import pytest

from stripeflow.workflows.drafts import editing, edits
from stripeflow.workflows.drafts.editing import NotAllowed, RevisionConflict
from stripeflow.workflows.models import Edit, Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db


def said(number):
    return document(action("one", text=f"text {number}"))


@pytest.fixture
def workflow():
    return lifecycle.create(said(0))


def edit(workflow, number):
    editing.update(workflow, said(number), revision=workflow.revision)


def undo(workflow):
    editing.undo(workflow, revision=workflow.revision)


def redo(workflow):
    editing.redo(workflow, revision=workflow.revision)


def text(workflow):
    return workflow.steps.get().inputs["text"]


def test_fifty_changes_are_undone_and_made_again_in_their_order(workflow):
    for number in range(1, 51):
        edit(workflow, number)
    back, again = [], []
    for _time in range(50):
        undo(workflow)
        back.append(text(workflow))
    for _time in range(50):
        redo(workflow)
        again.append(text(workflow))
    assert back == [f"text {number}" for number in reversed(range(50))]
    assert again == [f"text {number}" for number in range(1, 51)]


def test_each_undo_is_a_change_that_other_editors_see(workflow):
    edit(workflow, 1)
    seen = workflow.revision
    editing.undo(Workflow.objects.get(pk=workflow.pk), revision=seen)
    with pytest.raises(RevisionConflict):
        editing.redo(workflow, revision=seen)
    assert text(workflow) == "text 0"


def test_older_changes_than_are_kept_are_gone(workflow):
    for number in range(edits.KEPT + 2):
        edit(workflow, number + 1)
    assert Edit.objects.count() == edits.KEPT
    for _time in range(edits.KEPT):
        undo(workflow)
    assert text(workflow) == "text 2"
    with pytest.raises(NotAllowed, match="nothing to undo"):
        undo(workflow)


def test_a_new_change_ends_what_could_be_made_again(workflow):
    for number in (1, 2):
        edit(workflow, number)
    undo(workflow)
    edit(workflow, 3)
    with pytest.raises(NotAllowed, match="nothing to redo"):
        redo(workflow)
    undo(workflow)
    assert text(workflow) == "text 1"


def test_what_changed_nothing_is_no_step_of_it(workflow):
    edit(workflow, 1)
    undo(workflow)
    edit(workflow, 0)
    redo(workflow)
    assert text(workflow) == "text 1"


def test_a_refused_undo_changes_nothing(workflow):
    seen = workflow.revision
    with pytest.raises(NotAllowed):
        undo(workflow)
    assert Workflow.objects.get(pk=workflow.pk).revision == seen


def test_activation_is_no_bound(workflow, recorder):
    edit(workflow, 1)
    lifecycle.activate(workflow)
    undo(workflow)
    assert text(workflow) == "text 0"
    assert workflow.active_version.document["steps"][0]["inputs"] == {"text": "text 1"}


def test_an_archived_workflow_stays_as_it_is(workflow):
    edit(workflow, 1)
    lifecycle.archive(workflow)
    with pytest.raises(NotAllowed, match="archived"):
        undo(workflow)
    assert text(workflow) == "text 1"


def test_workflows_have_stacks_of_their_own(workflow):
    other = lifecycle.create(said(0))
    edit(workflow, 1)
    with pytest.raises(NotAllowed):
        undo(other)
