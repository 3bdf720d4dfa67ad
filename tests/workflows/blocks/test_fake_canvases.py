"""Blocks that only a test registers stand on every page that draws a workflow, with what is inside them."""

import re

import pytest
from django.urls import reverse

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import WorkflowTemplate, temporarily
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.blocks.fake import pause, section
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

STEPS = (section("part", action("inside", text="a"), name="The large ones"), pause("rest"))
MINE = WorkflowTemplate(
    key="mine",
    name="Mine",
    description="What I need.",
    why="I need it.",
    parameters=(),
    build=lambda values: {"trigger": document()["trigger"], "steps": document(*STEPS)["steps"]},
)
SEES = ("view_workflow", "view_run", "view_event", "view_payload", "add_workflow", "change_workflow")


@pytest.fixture
def viewer(client_with):
    return client_with(*SEES, username="viewer")


@pytest.fixture
def workflow(recorder, queue):
    made = lifecycle.create(document(*STEPS))
    lifecycle.activate(made)
    return made


@pytest.fixture
def run(workflow):
    accept(payment())
    made = Run.objects.get(workflow=workflow)
    execute(made.pk)
    return made


def shown(client, where):
    answer = client.get(where)
    assert answer.status_code == 200, where
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def is_drawn(text):
    return [part for part in ("The large ones", "In the section", "Pause") if part not in text]


def test_on_the_page_of_a_version(viewer, workflow):
    text = shown(viewer, address(workflow.active_version))
    assert is_drawn(text) == []
    assert "Large payments" in text


def test_on_the_preview_of_a_template_which_makes_a_workflow_with_them(viewer, recorder):
    with temporarily(MINE):
        assert is_drawn(shown(viewer, address("workflow", "templates"))) == []
        page = reverse("admin:stripeflow_workflows_workflow_template", args=["mine"])
        made = viewer.post(page, {"name": "My own"}, follow=True)
        assert is_drawn(shown(viewer, made.request["PATH_INFO"])) == []


def test_on_the_page_of_a_dry_run(viewer, workflow):
    text = shown(viewer, address(workflow, "test"))
    assert is_drawn(text) == []
    assert "Large payments" in text


def test_on_the_page_of_an_event_that_a_back_test_found(viewer, workflow):
    accept(payment())
    page = viewer.get(address(workflow, "backtest", days=1)).content.decode()
    assert "of 1 event would have started it" in re.sub(r"<[^>]+>", "", page)
    (where,) = re.findall(r'<li><a href="([^"]+)"', page)
    assert is_drawn(shown(viewer, where)) == []


def test_on_the_page_of_counts(viewer, run):
    text = shown(viewer, address(run.workflow, "counts"))
    assert is_drawn(text) == []
    assert "Taken 1 time" in text


def test_on_the_page_of_a_run(viewer, run):
    text = shown(viewer, address(run))
    assert is_drawn(text) == []
    assert "Large payments" in text


def test_on_the_page_of_changes_by_its_title_and_its_setting(editor, workflow):
    row = workflow.steps.get(key="part")
    fill(editor, address(row), "step_form", **{"inputs-heading": "Small ones"})
    text = shown(editor, address(workflow, "changes"))
    assert [
        part for part in ("The large ones: Heading", "Large payments", "Small ones") if part not in text
    ] == []
