"""The block of the README, brought by an app with a `stripeflow_blocks.py`."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps

from stripeflow import workflows
from stripeflow.workflows.blocks import autodiscover
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

README = (Path(workflows.__file__).parent / "README.md").read_text()
KIND = "shop_for_team"


@pytest.fixture(autouse=True)
def _example(monkeypatch, recorder):
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "_blocks", dict(kinds._blocks))
        sources = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        (source,) = (one for one in sources if "DeclaredBlock" in one)
        name = f"{apps.get_app_config('stripeflow_triggers').name}.stripeflow_blocks"
        module = ModuleType(name)
        exec(source, module.__dict__)
        patch.setitem(sys.modules, name, module)
        autodiscover()
        yield


def for_team(team):
    lane = {"key": "body", "name": "", "steps": [action("inside", text="{{ steps.part.team }}")]}
    return {"key": "part", "type": KIND, "name": "", "inputs": {"team": team}, "branches": [lane]}


@pytest.mark.parametrize(("team", "done"), [("Packers", ["Packers"]), ("nobody", [])])
def test_it_runs_the_lane_for_a_team(finish, recorder, team, done):
    assert validate(document(for_team(team))).problems.errors == ()
    assert finish(for_team(team)).status == "succeeded"
    assert recorder.texts == done


def test_it_is_in_the_gallery_and_on_the_canvas(editor):
    workflow = lifecycle.create(document(for_team("Packers")))
    gallery = editor.get(address("step", "add", workflow=workflow.pk, position=1)).content.decode()
    assert "Keeps the steps of one team together." in gallery
    assert "What the team does" in editor.get(address(workflow)).content.decode()


def test_its_settings_are_checked():
    [problem] = validate(document(for_team(""))).problems.errors
    assert (problem.step, problem.field) == ("part", "team")
