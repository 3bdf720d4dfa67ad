"""Pages never bring a value that an older version kept in clear into a draft, and say what to do."""

import json

import pytest
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.admin.editor.step_moves import COPIED
from stripeflow.workflows.credentials import secret_adoption
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

VALUE = "swordfish"
OLD = action("one", "test.secret", text=VALUE)


@pytest.fixture
def workflow(recorder):
    """One whose version, undo copy and draft hold the value; the draft has another step too."""
    kind = recording_action(recorder, key="test.secret")
    with registry.temporarily(kind):
        workflow = lifecycle.create(document(OLD))
        lifecycle.activate(workflow)
        editing.update(workflow, document(OLD, action("two", text="a")), revision=workflow.revision)
        kind.inputs = (StringInput("text", label="Password", secret=True),)
        workflow.refresh_from_db()
        yield workflow


# The names of the addresses, and what comes in them after the workflow.
DOORS = {"undo": (), "back": (1,), "discard": (), "duplicate": ()}


def press(editor, workflow, door):
    url = reverse(f"admin:stripeflow_workflows_workflow_{door}", args=[workflow.pk, *DOORS[door]])
    revision = Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)
    return editor.post(url, {"revision": revision}, follow=True)


@pytest.mark.parametrize("door", DOORS)
def test_each_door_is_refused_until_the_value_is_adopted(editor, workflow, door):
    before, page = to_document(workflow), press(editor, workflow, door).content.decode()
    assert "stripeflow_secrets adopt" in page
    assert VALUE not in page
    assert (to_document(workflow), Workflow.objects.count()) == (before, 1)
    secret_adoption.adopt()
    assert "stripeflow_secrets adopt" not in press(editor, workflow, door).content.decode()
    documents = [to_document(one) for one in Workflow.objects.all()]
    assert VALUE not in str(documents)
    assert documents[-1]["steps"][0]["inputs"] == {"text": {"secret": "test-workflow-password"}}


def test_a_step_with_a_value_is_not_copied(editor, workflow):
    page = editor.post(address(workflow.steps.get(key="one"), "copy"), follow=True).content.decode()
    assert "holds the value of a secret in clear" in page
    assert COPIED not in editor.session


def test_a_step_that_was_copied_before_is_not_pasted(editor, workflow):
    session = editor.session
    session[COPIED] = {"title": "Old", "step": OLD}
    session.save()
    url = address("step", "paste", workflow=workflow.pk, position=0)
    page = editor.post(url, {"revision": workflow.revision}, follow=True).content.decode()
    assert "stripeflow_secrets adopt" in page
    assert workflow.steps.count() == 2


def test_a_file_with_a_value_is_not_imported(editor, workflow):
    page = editor.post(address("workflow", "import"), {"text": json.dumps(document(OLD))})
    assert "has to name a secret" in page.content.decode()
    assert Workflow.objects.count() == 1


def test_no_export_shows_a_value_that_lies_in_clear(editor, workflow):
    exported = editor.get(address(workflow, "export")).json()
    assert exported["steps"][0]["inputs"] == {"text": "••••"}
    assert exported["steps"][1] == to_document(workflow)["steps"][1]
    assert VALUE in str(to_document(workflow))
