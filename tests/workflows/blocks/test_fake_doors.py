"""A block that only a test registers is offered, edited, saved and shown by admin and API."""

import pytest

from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.blocks.fake import section
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

STEPS = (section("part", action("inside", text="a")),)


def test_the_gallery_offers_it_and_its_form_has_its_settings(editor, recorder):
    workflow = lifecycle.create(document(*STEPS))
    gallery = editor.get(address("step", "add", workflow=workflow.pk, position=1)).content.decode()
    assert "Keeps steps together." in gallery
    where = address("step", "add_block", kind="section", workflow=workflow.pk, position=1)
    assert editor.post(where, {"revision": workflow.revision}).status_code == 302
    row = workflow.steps.get(key="section")
    fill(editor, address(row), "step_form", **{"name": "Second", "inputs-heading": "Small ones"})
    part = to_document(workflow)["steps"][1]
    assert (part["name"], part["inputs"]) == ("Second", {"heading": "Small ones"})


def test_the_canvas_draws_it_with_its_lane(editor, recorder):
    workflow = lifecycle.create(document(*STEPS))
    page = editor.get(address(workflow)).content.decode()
    assert "In the section" in page
    assert 'id="branch-part-body"' in page


def test_the_page_of_its_run_shows_what_it_was_given(client_with, recorder, queue):
    workflow = lifecycle.create(document(*STEPS))
    lifecycle.activate(workflow)
    accept(payment())
    run = Run.objects.get()
    execute(run.pk)
    client = client_with("view_workflow", "view_run", "view_payload")
    page = client.get(address(run)).content.decode()
    assert "Large payments" in page
