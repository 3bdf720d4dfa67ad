"""Workflows as files."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db
IMPORT = ("workflow", "import")


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


def exported(client, workflow):
    return client.get(address(workflow, "export"))


def test_an_export_is_a_file(editor, workflow):
    response = exported(editor, workflow)
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="take-action-based-on-fraud-warnings.json"'
    )
    assert json.loads(response.content) == lifecycle.to_document(workflow)


def test_a_name_without_latin_letters(editor, workflow):
    Workflow.objects.filter(pk=workflow.pk).update(name="不正利用")
    assert (
        f'filename="workflow-{workflow.pk}.json"' in exported(editor, workflow).headers["Content-Disposition"]
    )


def test_what_was_exported_is_imported_as_a_draft(editor, workflow):
    file = SimpleUploadedFile("flow.json", exported(editor, workflow).content)
    response = editor.post(address(*IMPORT), {"file": file, "name": "Again"})
    copy = Workflow.objects.get(name="Again")
    assert response.url == address(copy)
    assert (copy.status, copy.owner.username) == ("draft", "editor")
    assert lifecycle.to_document(copy) == {**lifecycle.to_document(workflow), "name": "Again"}


def test_a_definition_is_pasted(editor, workflow):
    editor.post(address(*IMPORT), {"text": exported(editor, workflow).content.decode()})
    assert Workflow.objects.filter(name=workflow.name).count() == 2


def test_a_file_with_a_byte_order_mark_is_imported(editor, workflow):
    file = SimpleUploadedFile("flow.json", b"\xef\xbb\xbf" + exported(editor, workflow).content)
    editor.post(address(*IMPORT), {"file": file})
    assert Workflow.objects.filter(name=workflow.name).count() == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Choose a file, or paste a definition."),
        ("not json", "not valid JSON"),
        ('{"format": 1}', "&#x27;name&#x27; is a required property"),
        ('{"format": 2, "name": "x", "trigger": {}, "steps": []}', "/format"),
        ("[" * 5000, "nested too deeply"),
        ('{"name": "a\\u0000b"}', "NUL"),
        ('"' + "x" * 1024 * 1024 + '"', "longer than"),
    ],
)
def test_what_is_no_definition_is_reported_and_kept(editor, text, message):
    page = editor.post(address(*IMPORT), {"text": text}).content.decode()
    assert message in page
    assert not Workflow.objects.exists()
    assert text[:8].replace('"', "&quot;") in page


def test_importing_needs_the_permission_to_add(client_with, workflow):
    client = client_with("view_workflow", "change_workflow")
    assert client.get(address(*IMPORT)).status_code == 403
    assert client.post(address(*IMPORT), {"text": "{}"}).status_code == 403


def test_exporting_needs_the_permission_to_view(client_with, workflow):
    assert exported(client_with("change_step"), workflow).status_code == 403
