import pytest

from stripeflow.actions import registry
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import AuditEntry, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(user_with):
    user_with(username="recipient")
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["recipient"]}))


def pieces(workflow):
    trigger, step = workflow.trigger, workflow.steps.get(key="retrieve_charge")
    branch = workflow.steps.get(key="is_small").branches.get(otherwise=False)
    return [trigger, step, branch]


def test_pieces_are_not_in_the_index(editor):
    models = [
        model["object_name"]
        for app in editor.get("/admin/").context["app_list"]
        if app["app_label"] == "stripeflow_workflows"
        for model in app["models"]
    ]
    assert "Workflow" in models
    assert not {"Trigger", "Step", "Branch", "Condition"} & set(models)


@pytest.mark.parametrize("codename", ["view_workflow", "activate_workflow"])
def test_piece_pages_need_change_permission(client_with, workflow, codename):
    client = client_with(codename)
    assert {client.get(address(piece)).status_code for piece in pieces(workflow)} == {403}


def test_the_own_permission_of_a_piece_does_not_open_it(client_with, workflow):
    client = client_with("change_step", "change_trigger", "change_branch", "change_condition")
    assert {client.get(address(piece)).status_code for piece in pieces(workflow)} == {403}


def test_piece_pages_open_with_change_permission(client_with, workflow):
    client = client_with("change_workflow")
    assert {client.get(address(piece)).status_code for piece in pieces(workflow)} == {200}


def test_a_viewer_sees_the_outline_without_links_to_edit(client_with, workflow):
    page = client_with("view_workflow").get(address(workflow)).content.decode()
    assert "Retrieve the charge" in page
    assert "Add step here" not in page
    assert address(workflow.steps.get(key="retrieve_charge")) not in page
    assert "/activate/" not in page


def test_a_viewer_can_not_save(client_with, workflow):
    client = client_with("view_workflow")
    assert client.post(address(workflow), {"name": "Taken"}).status_code == 403
    assert not Workflow.objects.filter(name="Taken").exists()


@pytest.mark.parametrize("view", ["move", "duplicate", "branch", "delete"])
def test_changes_from_the_outline_need_change_permission(client_with, workflow, view):
    step = workflow.steps.get(key="retrieve_charge")
    response = client_with("view_workflow", "activate_workflow").post(address(step, view), {"revision": 1})
    assert response.status_code == 403
    assert workflow.steps.count() == 4


def test_a_step_can_not_be_added_without_change_permission(client_with, workflow):
    client = client_with("view_workflow")
    where = {"workflow": workflow.pk, "position": 0}
    assert client.get(address("step", "add", **where)).status_code == 403
    assert (
        client.post(address("step", "add_block", kind="branch", **where), {"revision": 1}).status_code == 403
    )
    assert workflow.steps.count() == 4


@pytest.mark.parametrize("view", ["activate", "deactivate", "archive", "restore"])
def test_states_need_their_permission(client_with, workflow, view):
    response = client_with("change_workflow", "view_workflow").post(address(workflow, view), {"revision": 1})
    workflow.refresh_from_db()
    assert (response.status_code, workflow.status) == (403, WorkflowStatus.DRAFT)


@pytest.mark.parametrize("view", ["deactivate", "archive", "restore", "duplicate"])
def test_changes_of_state_are_not_made_by_a_link(editor, workflow, view):
    assert editor.get(address(workflow, view)).status_code == 404


def test_copies_need_the_permission_to_add(client_with, workflow):
    client = client_with("change_workflow", "view_workflow")
    assert client.post(address(workflow, "duplicate")).status_code == 403
    assert client.get(address("workflow", "templates")).status_code == 403
    assert client.post(address("workflow", "templates") + "tag_customers/").status_code == 403
    assert Workflow.objects.count() == 1


def test_lifecycle_by_one_who_may(client_with, user_with):
    user_with(username="recipient")
    workflow = lifecycle.create(template("personalize_orders").document({"recipients": ["recipient"]}))
    client = client_with("view_workflow", "activate_workflow", "view_payload")
    states = []
    for view in ("activate", "deactivate", "archive", "restore"):
        client.post(address(workflow, view), {"revision": 1})
        workflow.refresh_from_db()
        states.append(workflow.status)
    assert states == ["active", "inactive", "archived", "inactive"]


def test_lifecycle_is_in_the_history(editor, workflow):
    editor.post(address(workflow, "archive"))
    editor.post(address(workflow, "restore"))
    page = editor.get(address(workflow, "history")).content.decode()
    assert "Archived. It can be restored at any time." in page
    assert "Restored. Activate it to let it run." in page


def test_changes_of_pieces_are_in_the_workflows_history(editor, workflow):
    step = workflow.steps.get(key="retrieve_charge")
    editor.post(address(step, "duplicate"), {"revision": 1})
    page = editor.get(address(workflow, "history")).content.decode()
    assert "Duplicated the step “Retrieve the charge”." in page


def test_an_archived_workflow_is_not_changed(editor, workflow):
    lifecycle.archive(workflow)
    step = workflow.steps.get(key="retrieve_charge")
    for response in (
        editor.get(address(step)),
        editor.post(address(step), {"name": "Taken"}),
        editor.post(address(step, "delete"), {"revision": 1}),
    ):
        assert response.url == address(workflow)
    assert workflow.steps.count() == 4
    assert not workflow.steps.filter(name="Taken").exists()


def test_an_active_workflow_is_not_deleted(client_with, editor):
    workflow = lifecycle.create(template("personalize_orders").document({"recipients": ["editor"]}))
    lifecycle.activate(workflow)
    response = editor.post(address(workflow, "delete"), {"post": "yes"}, follow=True)
    assert "Deactivate it first." in response.content.decode()
    assert Workflow.objects.filter(pk=workflow.pk).exists()


def test_a_workflow_that_was_activated_meanwhile_is_not_deleted(editor):
    workflow = lifecycle.create(template("personalize_orders").document({"recipients": ["editor"]}))
    lifecycle.activate(Workflow.objects.get(pk=workflow.pk))
    with pytest.raises(editing.NotAllowed, match="Deactivate it first"):
        lifecycle.delete(workflow, act=NOBODY)
    assert Workflow.objects.filter(pk=workflow.pk).exists()


def test_who_deletes_too_late_is_told(editor, workflow, monkeypatch):
    def refuse(*_args, **_options):
        raise editing.NotAllowed("Deactivate it first.")

    monkeypatch.setattr(lifecycle, "delete", refuse)
    response = editor.post(address(workflow, "delete"), {"post": "yes"}, follow=True)
    assert "Deactivate it first." in response.content.decode()
    assert Workflow.objects.filter(pk=workflow.pk).exists()


def test_a_workflow_that_is_gone_is_not_deleted_twice(workflow):
    same = Workflow.objects.get(pk=workflow.pk)
    lifecycle.delete(workflow, act=NOBODY)
    with pytest.raises(editing.NotAllowed, match="deleted in the meantime"):
        lifecycle.delete(same, act=NOBODY)
    assert AuditEntry.objects.filter(kind="workflow.deleted").count() == 1


def test_a_workflow_with_runs_is_not_deleted(editor, finish):
    from tests.workflows.documents import action

    run = finish(action("one"))
    lifecycle.deactivate(run.workflow)
    response = editor.post(address(run.workflow, "delete"), {"post": "yes"}, follow=True)
    assert "Archive it instead of deleting it." in response.content.decode()
    assert Workflow.objects.filter(pk=run.workflow.pk).exists()


def test_a_draft_is_deleted_with_its_pieces(editor, workflow):
    response = editor.post(address(workflow, "delete"), {"post": "yes"})
    assert response.status_code == 302
    assert not Workflow.objects.exists()


@pytest.mark.parametrize(("codename", "shown"), [("view_workflow", False), ("change_workflow", True)])
def test_inputs_of_an_action_that_is_gone_are_for_editors(client_with, recorder, codename, shown):
    with registry.temporarily(recording_action(recorder, key="test.gone")):
        workflow = lifecycle.create(document(action("one", "test.gone", text="swordfish")))
        version = lifecycle.activate(workflow)
        later = {**document(action("one", "test.gone", text="halibut"))}
        editing.update(workflow, later, revision=workflow.revision)
        newer = lifecycle.activate(workflow)
    client = client_with(codename, "view_workflow")
    for page, secret in ((version, "swordfish"), (newer, "swordfish"), (workflow, "halibut")):
        assert (secret in client.get(address(page)).content.decode()) is shown
