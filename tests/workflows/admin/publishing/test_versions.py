import pytest
from django.urls import reverse

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]


@pytest.fixture
def workflow():
    workflow = lifecycle.create(document(action("one", text="first text"), name="Thank"))
    lifecycle.activate(workflow, Act(note="The first one."))
    editing.update(workflow, document(action("one", text="second text")), revision=workflow.revision)
    lifecycle.activate(workflow, Act(note="A better text."))
    return workflow


def page(client, version):
    response = client.get(reverse("admin:stripeflow_workflows_workflowversion_change", args=[version.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_lists_versions_with_their_notes(browser, workflow):
    text = browser.get(reverse("admin:stripeflow_workflows_workflowversion_changelist")).content.decode()
    assert "The first one." in text
    assert "A better text." in text


def test_shows_what_is_new_since_the_version_before(browser, workflow):
    text = page(browser, workflow.versions.get(number=2))
    assert "What is new since version 1" in text
    assert "<del>first text</del>" in text
    assert "<ins>second text</ins>" in text
    assert "A better text." in text


def test_the_first_version_has_none_before_it(browser, workflow):
    text = page(browser, workflow.versions.get(number=1))
    assert "The first version" in text
    assert "<del>" not in text


def test_its_canvas_shows_what_it_does_and_changes_nothing(browser, workflow):
    drawn = page(browser, workflow.versions.get(number=2)).partition('class="sf-tree"')[2]
    drawn = drawn.partition('class="sf-json"')[0]
    assert "second text" in drawn
    for operated in ("<a ", "<form", "<button", "draggable"):
        assert operated not in drawn


@pytest.mark.parametrize("name", ["add", "delete"])
def test_versions_are_not_written_by_hand(client_for, workflow, name):
    client = client_for(
        "view_workflow", "add_workflowversion", "change_workflowversion", "delete_workflowversion"
    )
    arguments = [workflow.versions.first().pk] if name == "delete" else []
    url = reverse(f"admin:stripeflow_workflows_workflowversion_{name}", args=arguments)
    assert client.get(url).status_code == 403


def test_needs_the_permission_to_see_workflows(client_for, workflow):
    client = client_for("view_run")
    url = reverse("admin:stripeflow_workflows_workflowversion_change", args=[workflow.versions.first().pk])
    assert client.get(url).status_code == 403
