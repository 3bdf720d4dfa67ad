"""Two editors at once: nobody's change is overwritten unseen, and nothing that was typed is lost."""

import pytest
from django.contrib.auth.models import Permission

from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, form_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))


def somebody_else_changes(workflow):
    with editing.editing(Workflow.objects.get(pk=workflow.pk), revision=workflow.revision):
        Workflow.objects.filter(pk=workflow.pk).update(description="Changed by somebody else")


def pages(workflow):
    step = workflow.steps.get(key="email_team")
    branch = workflow.steps.get(key="is_valuable").branches.get(otherwise=False)
    return {
        "workflow": (workflow, "workflow_form", "description"),
        "trigger": (workflow.trigger, "trigger_form", "conditions-0-text"),
        "step": (step, "step_form", "inputs-subject"),
        "branch": (branch, "branch_form", "conditions-0-text"),
    }


@pytest.mark.parametrize("piece", ["workflow", "trigger", "step", "branch"])
def test_a_stale_form_is_refused_and_kept(editor, workflow, piece):
    obj, form_id, box = pages(workflow)[piece]
    sent = form_on(editor.get(address(obj)), form_id) | {box: "4,321", "_save": "1"}
    before = lifecycle.to_document(workflow)
    somebody_else_changes(workflow)
    response = editor.post(address(obj), sent)
    assert response.status_code == 200
    assert any("Somebody else has changed this workflow" in error for error in errors_of(response))
    assert form_on(response, form_id)[box] == "4,321"
    workflow.refresh_from_db()
    assert lifecycle.to_document(workflow) == {**before, "description": "Changed by somebody else"}


def test_a_refused_form_can_be_saved_knowingly(editor, workflow):
    step = workflow.steps.get(key="email_team")
    sent = form_on(editor.get(address(step)), "step_form") | {"inputs-subject": "Mine", "_save": "1"}
    somebody_else_changes(workflow)
    refused = editor.post(address(step), sent)
    response = editor.post(address(step), form_on(refused, "step_form") | {"_save": "1"})
    step.refresh_from_db()
    assert (response.status_code, step.inputs["subject"]) == (302, "Mine")


def test_every_save_counts_the_revision_up(editor, workflow):
    step = workflow.steps.get(key="email_team")
    editor.post(address(step), form_on(editor.get(address(step)), "step_form") | {"_save": "1"})
    editor.post(address(step, "move"), {"direction": "down", "revision": 2})
    workflow.refresh_from_db()
    assert workflow.revision == 3


@pytest.mark.parametrize(
    ("view", "more"), [("move", {"direction": "down"}), ("duplicate", {}), ("delete", {})]
)
def test_a_stale_button_changes_nothing(editor, workflow, view, more):
    step = workflow.steps.get(key="email_team")
    before = lifecycle.to_document(workflow)
    somebody_else_changes(workflow)
    response = editor.post(address(step, view), {"revision": 1, **more}, follow=True)
    assert "Somebody else has changed the workflow" in response.content.decode()
    workflow.refresh_from_db()
    assert lifecycle.to_document(workflow) == {**before, "description": "Changed by somebody else"}


def test_a_change_between_check_and_save_is_seen_too(editor, workflow, monkeypatch):
    """The form's check passes, and another editor lands before the guarded update."""
    step = workflow.steps.get(key="email_team")
    sent = form_on(editor.get(address(step)), "step_form") | {"inputs-subject": "Mine", "_save": "1"}
    real = editing.editing
    late = []

    def late_editing(target, *, revision, **act):
        if not late:
            late.append(True)
            Workflow.objects.filter(pk=workflow.pk).update(revision=revision + 1)
            raise editing.RevisionConflict
        return real(target, revision=revision, **act)

    monkeypatch.setattr(editing, "editing", late_editing)
    # The first try is rolled back with what the other editor did in it; here that is done again.
    monkeypatch.setattr(
        "stripeflow.workflows.admin.editor.guarded_form.Workflow.objects.values_list",
        lambda *_args, **_options: _Always(2 if late else 1),
    )
    response = editor.post(address(step), sent)
    step.refresh_from_db()
    assert response.status_code == 200
    assert form_on(response, "step_form")["inputs-subject"] == "Mine"
    assert step.inputs["subject"] != "Mine"


class _Always:
    """A query that answers with one revision."""

    def __init__(self, revision):
        self.revision = revision

    def get(self, **_conditions):
        return self.revision


def test_activation_refuses_rows_that_were_not_looked_at(editor, workflow, django_user_model):
    user = django_user_model.objects.get(username="editor")
    needed = ["view_payload", "run_customer_changing_workflow"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=needed))
    somebody_else_changes(workflow)
    response = editor.post(address(workflow, "activate"), {"revision": 1}, follow=True)
    workflow.refresh_from_db()
    assert "Somebody else has changed the workflow" in response.content.decode()
    assert workflow.status == "draft"
