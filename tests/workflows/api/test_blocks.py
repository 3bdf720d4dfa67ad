"""A block that only a test registers, by the API."""

import pytest

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.models import Workflow
from tests.workflows.blocks.fake import Pause, Section, section
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

STEPS = (section("part", action("inside", text="a")),)


@pytest.fixture(autouse=True)
def _fake_blocks():
    with kinds.temporarily(Section), kinds.temporarily(Pause):
        yield


def test_it_is_saved_and_read_as_it_was_written(api, recorder):
    saved = api.post("workflows/", document(*STEPS))
    assert saved.status_code == 201, saved.content
    workflow = Workflow.objects.get()
    found = api.get(f"workflows/{workflow.pk}/").json()["definition"]
    assert found["steps"] == document(*STEPS)["steps"]


def test_it_is_tested_with_what_is_inside(api, recorder):
    api.post("workflows/", document(*STEPS))
    tested = api.post(f"workflows/{Workflow.objects.get().pk}/test/", {"sample": True})
    assert tested.status_code == 200, tested.content
    [part] = tested.json()["steps"]
    assert (part["type"], part["inputs"]) == ("section", {"heading": "Large payments"})
    assert [step["key"] for step in part["branches"][0]["steps"]] == ["inside"]


def test_its_run_tells_what_it_was_given(api, recorded_run):
    run = recorded_run(*STEPS)
    first, second = api.get(f"runs/{run.pk}/").json()["steps"]
    assert (first["kind"], first["inputs"]) == ("section", {"heading": "Large payments"})
    assert second["path"] == "inside"
