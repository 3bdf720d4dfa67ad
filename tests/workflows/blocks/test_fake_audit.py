"""An edit of a block that only a test registers leaves its row: titles, and nothing that its settings say."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.audit import kinds as acts
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import Section, section
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

MARKER = "MARKER-of-a-setting"


@pytest.fixture
def workflow(recorder):
    return lifecycle.create(document(section("part", action("inside", text="a"), name="The large ones")))


def edits():
    """The user and the titles of each edit, oldest first."""
    rows = AuditEntry.objects.filter(kind=acts.WORKFLOW_EDITED.key).order_by("pk")
    return [(row.user_name, row.after["changed"]) for row in rows]


def test_its_form_leaves_a_row_with_its_title_and_no_setting(editor, workflow):
    row = workflow.steps.get(key="part")
    fill(editor, address(row), "step_form", **{"inputs-heading": MARKER})
    assert to_document(workflow)["steps"][0]["inputs"] == {"heading": MARKER}
    assert edits() == [("editor", ["The large ones"])]
    assert MARKER not in json.dumps([[row.before, row.after] for row in AuditEntry.objects.all()])


def test_its_buttons_leave_a_row_each(editor, workflow):
    for name in ("duplicate", "delete"):
        workflow.refresh_from_db()
        last = workflow.steps.filter(kind="section").last()
        editor.post(address(last, name), {"revision": workflow.revision})
    assert [titles for _user, titles in edits()] == [["The large ones (copy)", "Record"]] * 2


def test_the_api_leaves_a_row_with_the_title_of_what_changed(user_with, workflow, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    api = Api(user_with(*ALL, username="program"))
    changed = to_document(workflow)
    changed["steps"][0]["inputs"]["heading"] = MARKER
    assert api.put(f"workflows/{workflow.pk}/", changed, etag="*").status_code == 200
    assert edits() == [("program", ["The large ones"])]


def test_a_secret_inside_that_was_kept_in_clear_is_hidden(client_with, recorder):
    kind = recording_action(recorder, key="test.secret")
    workflow = lifecycle.create(document(section("part", action("inside", "test.secret", text=MARKER))))
    kind.inputs = (StringInput("text", label="Password", secret=True),)
    with registry.temporarily(kind):
        file = client_with("view_workflow").get(address(workflow, "export")).content.decode()
    assert MARKER not in file
    assert "Large payments" in file


def test_no_setting_of_its_own_may_be_secret():
    with pytest.raises(ImproperlyConfigured, match="only actions may have one"):
        type("Sealed", (Section,), {"inputs": (StringInput("password", label="Password", secret=True),)})
