"""Undo and redo on a workflow's page: what they are called, who may press them, and what they take back."""

import pytest

from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


def step(workflow, key="retrieve_charge"):
    return workflow.steps.get(key=key)


def revision(workflow):
    return Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)


def press(editor, workflow, button):
    return editor.post(address(workflow, button), {"revision": revision(workflow)}, follow=True)


def labels(editor, workflow):
    context = editor.get(address(workflow)).context
    return context["undo_label"], context["redo_label"]


def send(editor, obj, form_id, **changed):
    sent = form_on(editor.get(address(obj)), form_id) | changed | {"_save": "1"}
    assert editor.post(address(obj), sent).status_code == 302


def change(editor, workflow, kind):
    """Make one change of this kind, as a person does."""
    one = step(workflow)
    now = {"revision": revision(workflow)}
    if kind == "delete":
        editor.post(address(step(workflow, "refund_charge"), "delete"), now)
    elif kind == "move":
        editor.post(address(one, "move"), {"direction": "down", **now})
    elif kind == "rename":
        editor.post(address(workflow, "rename"), {"name": "Small frauds", **now})
    elif kind == "describe":
        send(editor, workflow, "workflow_form", description="What it is for")
    elif kind == "input":
        send(editor, step(workflow, "email_team"), "step_form", **{"inputs-subject": "Look"})
    else:
        branch = step(workflow, "is_small").branches.get(otherwise=False)
        send(editor, branch, "branch_form", **{"conditions-0-text": "20"})


KINDS = {
    "delete": "Step removed “Refund the charge”",
    "move": "Steps in another order “Retrieve the charge”",
    "rename": "Name",
    "describe": "Description",
    "input": "Ask a team member to investigate: Subject",
    "condition": "Is it less than the dispute fee?: branch",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_is_undone_and_made_again_by_its_name(editor, workflow, kind):
    before = lifecycle.to_document(workflow)
    change(editor, workflow, kind)
    after = lifecycle.to_document(Workflow.objects.get(pk=workflow.pk))
    assert after != before
    assert labels(editor, workflow) == (KINDS[kind], "")
    page = press(editor, workflow, "undo").content.decode()
    assert f"Undone: {KINDS[kind]}." in page
    assert lifecycle.to_document(Workflow.objects.get(pk=workflow.pk)) == before
    assert labels(editor, workflow) == ("", KINDS[kind])
    assert f"Redone: {KINDS[kind]}." in press(editor, workflow, "redo").content.decode()
    assert lifecycle.to_document(Workflow.objects.get(pk=workflow.pk)) == after


def test_saving_without_a_change_is_nothing_to_undo(editor, workflow):
    send(editor, step(workflow), "step_form")
    assert labels(editor, workflow) == ("", "")


@pytest.mark.parametrize("button", ["undo", "redo"])
def test_nothing_to_press(editor, workflow, button):
    assert address(workflow, button) not in editor.get(address(workflow)).content.decode()
    assert f"There is nothing to {button}" in press(editor, workflow, button).content.decode()


def test_a_stale_button_undoes_nothing(editor, workflow):
    change(editor, workflow, "move")
    before = lifecycle.to_document(workflow)
    response = editor.post(address(workflow, "undo"), {"revision": 1}, follow=True)
    assert "Somebody else has changed the workflow" in response.content.decode()
    assert lifecycle.to_document(workflow) == before


@pytest.mark.parametrize("button", ["undo", "redo"])
def test_they_need_change_permission(client_with, workflow, button):
    client = client_with("view_workflow", "activate_workflow")
    assert client.post(address(workflow, button), {"revision": 1}).status_code == 403
    assert "undo_label" not in client.get(address(workflow)).context


@pytest.mark.parametrize("button", ["undo", "redo"])
def test_they_are_not_pressed_by_a_link(editor, workflow, button):
    assert editor.get(address(workflow, button)).status_code == 404


def test_an_archived_workflow_stays_as_it_is(editor, workflow):
    change(editor, workflow, "move")
    before = lifecycle.to_document(workflow)
    lifecycle.archive(workflow)
    assert "archived" in press(editor, workflow, "undo").content.decode()
    assert lifecycle.to_document(workflow) == before
