"""A project adds ready-made workflows of its own: one module, one entry."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from stripeflow import workflows
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.workflow_templates import (
    DuplicateTemplate,
    Parameter,
    UnknownTemplate,
    WorkflowTemplate,
    autodiscover,
    register,
    registry,
    template,
    templates,
    temporarily,
)
from stripeflow.workflows.workflow_templates.ours import OURS
from tests.workflows.admin.addresses import address

README = (Path(workflows.__file__).parent / "README.md").read_text()
MINE = WorkflowTemplate(
    key="mine",
    name="Mine",
    description="What I need.",
    why="I need it.",
    parameters=(),
    build=lambda values: {},
)


@pytest.fixture
def example(monkeypatch):
    """The template of the README, brought by an app with a `stripeflow_templates.py`."""
    monkeypatch.setattr(registry, "_templates", dict(registry._templates))
    (source,) = re.findall(
        r"```python\n(from stripeflow.workflows.workflow_templates.*?)```", README, re.DOTALL
    )
    app = apps.get_app_config("stripeflow_triggers")
    name = f"{app.name}.stripeflow_templates"
    module = ModuleType(name)
    exec(source, module.__dict__)
    monkeypatch.setitem(sys.modules, name, module)
    autodiscover()
    return template("shop_call_back")


@pytest.fixture
def browser(django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com"))
    return client


def _with(**changes):
    return WorkflowTemplate(**{**vars(MINE), **changes})


def test_ours_come_first_and_an_apps_are_added_once(example):
    before = templates()
    autodiscover()
    assert templates() == before
    assert [one.key for one in before] == [*(one.key for one in OURS), "shop_call_back"]


@pytest.mark.django_db
def test_an_apps_template_can_be_activated(example, browser):
    document = example.document({"recipients": ["boss"]})
    check_structure(document)
    assert validate(document).problems == ()


@pytest.mark.django_db
def test_an_apps_template_is_in_the_gallery_and_makes_workflows(example, browser):
    gallery = browser.get(address("workflow", "templates")).content.decode()
    assert "ask a team member to call the customer" in gallery
    page = reverse("admin:stripeflow_workflows_workflow_template", args=["shop_call_back"])
    assert "Who calls" in browser.get(page).content.decode()
    browser.post(page, {"name": "Calls", "recipients": ["boss"]})
    made = Workflow.objects.get(name="Calls")
    assert (made.template_key, made.steps.get().inputs["to"]) == ("shop_call_back", ["boss"])


def test_two_templates_with_one_key_are_refused():
    with temporarily(MINE), pytest.raises(DuplicateTemplate, match="mine"):
        register(MINE)


def test_a_template_of_a_test_goes_with_it():
    with temporarily(MINE):
        assert template("mine") is MINE
    with pytest.raises(UnknownTemplate):
        template("mine")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"key": "not a slug"}, "no slug"),
        ({"parameters": (Parameter("color", "Color", "color"),)}, "team_members, money, days, approvers"),
    ],
)
def test_what_no_page_can_be_made_of_is_refused(changes, says):
    with pytest.raises(ImproperlyConfigured, match=says):
        register(_with(**changes))
