"""What people read names steps by their titles, and never by their keys, also once a step is deleted."""

import json
import re
from html import unescape

import pytest

from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db

KEYS = ("retrieve_charge", "is_small", "refund_charge", "email_team")
MARKER = "zqx"


@pytest.fixture
def workflow(editor):
    """The workflow against fraud, active, each of its keys with a marker that no title has."""
    text = json.dumps(template("fraud_warnings").document({"recipients": ["editor"]}))
    for key in KEYS:
        text = re.sub(rf"\b{key}\b", f"{MARKER}_{key}", text)
    workflow = lifecycle.create(json.loads(text))
    lifecycle.activate(workflow)
    return workflow


def step(workflow, key):
    return workflow.steps.get(key=f"{MARKER}_{key}")


def delete(editor, workflow, key):
    revision = Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)
    editor.post(address(step(workflow, key), "delete"), {"revision": revision})


def read(response):
    """The texts of a page as people see them or have them read out.

    Not what is written to be copied: the line that tells the key, and the references in boxes and lists.
    """
    page = re.sub(r'<p class="sf-key">.*?</p>', "", response.content.decode())
    page = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.S)
    spoken = re.findall(r"""\b(?:title|aria-label|placeholder)=["']([^"']*)["']""", page)
    return re.sub(r"{{.*?}}", "", unescape(" ".join([re.sub(r"<[^>]+>", " ", page), *spoken])))


def seen(editor, workflow):
    """Everything that people read of the workflow while they edit it."""
    rows = [*workflow.steps.all(), *(way for one in workflow.steps.all() for way in one.branches.all())]
    pages = [address(workflow), address(workflow, "changes"), address(workflow, "activate")]
    pages += [address(row) for row in rows] + [address(one, "delete") for one in workflow.steps.all()]
    told = [read(editor.get(page, follow=True)) for page in pages]
    return [*told, *(problem.message for problem in Scope(workflow).problems)]


@pytest.mark.parametrize("deleted", [None, *KEYS])
def test_no_text_has_the_key_of_a_step(editor, workflow, deleted):
    if deleted:
        delete(editor, workflow, deleted)
    for text in seen(editor, Workflow.objects.get(pk=workflow.pk)):
        assert MARKER not in text.casefold()


def test_what_refers_to_a_deleted_step_names_it_and_reads_as_money(editor, workflow):
    delete(editor, workflow, "retrieve_charge")
    page = " ".join(read(editor.get(address(workflow))).split())
    assert "If the deleted step “Retrieve the charge” › Amount is less than $15.00 USD" in page
    assert "“Amount” is of the deleted step “Retrieve the charge”. Choose another value." in page
    assert "1 unpublished change " in page


def test_a_step_that_was_never_active_is_named_by_what_it_was(editor, workflow):
    workflow.versions.update(document=template("tag_customers").document({"recipients": []}))
    delete(editor, workflow, "retrieve_charge")
    (first, *_others) = Scope(Workflow.objects.get(pk=workflow.pk)).problems.errors
    assert "of the deleted step “Retrieve the charge”" in first.message


def test_a_step_that_there_never_was_is_named_by_its_key_in_words(editor, workflow):
    row = step(workflow, "email_team")
    row.inputs = {**row.inputs, "subject": "{{ steps.look_it_up.email }}"}
    row.save()
    (problem,) = Scope(workflow).problems.errors
    assert problem.message == (
        "Subject: “Email” is of a step “Look it up”, which this workflow does not have. Choose another value."
    )


def test_the_dialog_lists_what_goes_and_what_breaks_by_title(editor, workflow):
    breaks = read(editor.get(address(step(workflow, "retrieve_charge"), "delete")))
    assert all(title in breaks for title in ("Refund the charge", "Ask a team member to investigate"))
    goes = read(editor.get(address(step(workflow, "is_small"), "delete")))
    assert all(title in goes for title in ("Refund the charge", "Ask a team member to investigate"))


def test_unnamed_steps_are_listed_by_what_they_do(editor, workflow):
    workflow.steps.update(name="")
    listed = read(editor.get(address(step(workflow, "retrieve_charge"), "delete")))
    assert all(title in listed for title in ("Branch on conditions", "Email a team member"))
