"""What a check of a definition tells of other workflows, and to whom."""

import pytest

from stripeflow.workflows.models import Workflow
from tests.workflows.blocks.test_run_workflow import child, runs
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    pass


@pytest.fixture
def hidden():
    asked = {"name": "salary", "kind": "text", "label": "Pay", "required": True}
    return child(action("one", text="a"), name="Hidden name", asks=[asked])


def by_step(pk):
    return document(runs(Workflow(pk=pk, name="Mine")))


def by_trigger(pk):
    source = document(action("a", text="a"))
    named = {"of_workflows": [{"id": pk, "name": "Mine"}], "ends_as": ["failed"]}
    source["trigger"] = {"type": "workflow_finished", "scope": source["trigger"]["scope"], **named}
    return source


NAMING = pytest.mark.parametrize("naming", [by_step, by_trigger])


@NAMING
def test_who_may_only_add_is_told_nothing_of_others(api_for, make_user, hidden, naming):
    api = api_for(make_user("add_workflow"))
    here, gone = (api.post("workflows/validate/", naming(pk)) for pk in (hidden.pk, hidden.pk + 1000))
    assert here.status_code == 200
    assert "Hidden" not in here.content.decode()
    assert "salary" not in here.content.decode()
    # Nor whether there is one.
    assert here.json() == gone.json()
    assert "other_workflows_not_checked" in [one["code"] for one in here.json()["warnings"]]
    assert "Hidden" not in api.post("workflows/", naming(hidden.pk)).content.decode()


@NAMING
def test_who_may_view_is_told_what_does_not_fit(api, hidden, naming):
    found = api.post("workflows/validate/", naming(hidden.pk))
    assert "Hidden name" in found.content.decode()
    assert "other_workflows_not_checked" not in found.content.decode()
