"""What was changed since the version that runs, and ways back."""

import pytest
from django.contrib.auth.models import User

from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    workflow = lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))
    lifecycle.activate(workflow)
    return workflow


def rename(client, workflow, name, revision=None):
    known = Workflow.objects.get(pk=workflow.pk).revision if revision is None else revision
    return client.post(address(workflow, "rename"), {"name": name, "revision": known}, follow=True)


def back(workflow, number):
    base = address(workflow).removesuffix("change/")
    return f"{base}versions/{number}/back/"


def name_of(workflow):
    return Workflow.objects.values_list("name", flat=True).get(pk=workflow.pk)


def test_the_name_is_changed_in_the_heading(editor, workflow):
    page = rename(editor, workflow, "  Big   spenders ").content.decode()
    assert name_of(workflow) == "Big spenders"
    assert "The workflow is now called “Big spenders”." in page
    assert 'value="Big spenders"' in page


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_names_that_are_none(editor, workflow, name):
    page = rename(editor, workflow, name).content.decode()
    assert "A name has 1 to 200 characters." in page
    assert name_of(workflow) == "Tag valuable customers"


def test_a_stale_name_is_refused(editor, workflow):
    rename(editor, workflow, "Mine")
    assert "Somebody else has changed" in rename(editor, workflow, "Theirs", revision=1).content.decode()
    assert name_of(workflow) == "Mine"


def test_unpublished_changes_are_counted_and_shown(editor, workflow):
    assert "unpublished change" not in editor.get(address(workflow)).content.decode()
    step = workflow.steps.get(key="email_team")
    editor.post(address(step, "delete"), {"revision": 1})
    rename(editor, workflow, "Big spenders")
    assert "2 unpublished changes" in editor.get(address(workflow)).content.decode()
    page = editor.get(address(workflow, "changes")).content.decode()
    assert "<del>Tag valuable customers</del> → <ins>Big spenders</ins>" in page
    assert "<b>Step removed:</b> <del>Ask for a thank-you note</del>" in page


def test_the_review_before_activating_shows_them_too(editor, workflow):
    rename(editor, workflow, "Big spenders")
    page = editor.get(address(workflow, "activate")).content.decode()
    assert "What is new since version 1" in page
    assert "<ins>Big spenders</ins>" in page


def test_a_draft_has_nothing_to_compare_with(editor):
    draft = lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))
    page = editor.get(address(draft, "changes")).content.decode()
    assert "there is nothing to compare with" in page
    assert editor.post(address(draft, "discard"), {"revision": 1}).status_code == 404


def test_changes_are_discarded_and_that_can_be_undone(editor, workflow):
    rename(editor, workflow, "Big spenders")
    page = editor.post(address(workflow, "discard"), {"revision": 2}, follow=True).content.decode()
    assert "this is version 1 again." in page
    assert name_of(workflow) == "Tag valuable customers"
    editor.post(address(workflow, "undo"), {"revision": 3})
    assert name_of(workflow) == "Big spenders"


def test_a_stale_discard_changes_nothing(editor, workflow):
    rename(editor, workflow, "Big spenders")
    editor.post(address(workflow, "discard"), {"revision": 1})
    assert name_of(workflow) == "Big spenders"


def test_rolling_back_asks_to_activate(editor, workflow):
    rename(editor, workflow, "Big spenders")
    lifecycle.activate(workflow)
    first = workflow.versions.get(number=1)
    assert "Roll back to version 1" in editor.get(address(first)).content.decode()
    response = editor.post(back(workflow, 1), {"revision": 2})
    assert response.url == address(workflow, "activate")
    assert name_of(workflow) == "Tag valuable customers"
    assert workflow.active_version.number == 2


def test_a_version_that_never_was(editor, workflow):
    assert editor.post(back(workflow, 9), {"revision": 1}).status_code == 404


def test_one_who_may_not_activate_is_not_sent_there(client_with, workflow):
    client = client_with("change_workflow", "view_workflow")
    assert client.post(back(workflow, 1), {"revision": 1}).url == address(workflow)


@pytest.mark.parametrize("view", ["rename", "discard"])
def test_changing_needs_its_permission(client_with, workflow, view):
    client = client_with("view_workflow", "activate_workflow")
    assert client.post(address(workflow, view), {"revision": 1, "name": "x"}).status_code == 403
    assert client.post(back(workflow, 1), {"revision": 1}).status_code == 403


def test_a_viewer_may_look_at_the_changes_only(client_with, editor, workflow):
    rename(editor, workflow, "Big spenders")
    page = client_with("view_workflow").get(address(workflow, "changes")).content.decode()
    assert "<ins>Big spenders</ins>" in page
    assert "Discard them" not in page


@pytest.mark.parametrize("view", ["rename", "discard"])
def test_nothing_is_changed_by_a_link(editor, workflow, view):
    assert editor.get(address(workflow, view)).status_code == 404
    assert editor.get(back(workflow, 1)).status_code == 404


def test_a_page_learns_who_changed_the_workflow_last(editor, workflow):
    assert editor.get(address(workflow, "revision")).json() == {"revision": 1, "by": ""}
    rename(editor, workflow, "Big spenders")
    assert editor.get(address(workflow, "revision")).json() == {"revision": 2, "by": "editor"}


def test_strangers_learn_nothing(client_with, workflow):
    assert client_with().get(address(workflow, "revision")).status_code == 403
    assert User.objects.filter(username="staff").exists()


def test_the_list_shows_runs_and_success(editor, workflow):
    page = editor.get(address("workflow", "changelist")).content.decode()
    assert "0 runs in 14 days" in page
    assert "<polyline points=" in page
