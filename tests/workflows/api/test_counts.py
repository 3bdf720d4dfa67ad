import pytest

from stripeflow.workflows.operations import lifecycle
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, document, group, usd, way

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
SIZES = branch("size", way("large", LARGE, action("big", text="a")))


def test_counts_what_steps_did(api, recorded_run):
    run = recorded_run(SIZES)
    response = api.get(f"workflows/{run.workflow_id}/counts/")
    assert response.json() == {
        "version": 1,
        "range": "7",
        "runs": {"succeeded": 1},
        "steps": [
            {"step": "big", "statuses": {"succeeded": 1}, "waits": None, "branches": {}},
            {"step": "size", "statuses": {"succeeded": 1}, "waits": None, "branches": {"large": 1}},
        ],
    }


def test_counts_who_waits_where(api, recorded_run):
    run = recorded_run(wait())
    [step] = api.get(f"workflows/{run.workflow_id}/counts/").json()["steps"]
    assert (step["step"], step["statuses"], step["waits"]["runs"]) == ("wait", {"waiting": 1}, 1)
    assert step["waits"]["since"] == api.get(f"runs/{run.pk}/").json()["wait"]["since"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("?version=1&range=all", 200), ("?version=2", 404), ("?range=x", 400), ("?more=1", 400)],
)
def test_a_version_and_a_range_can_be_chosen(api, recorded_run, query, status):
    run = recorded_run(SIZES)
    assert api.get(f"workflows/{run.workflow_id}/counts/{query}").status_code == status


def test_a_draft_has_nothing_to_count(api, recorder, queue):
    workflow = lifecycle.create(document(SIZES))
    assert api.get(f"workflows/{workflow.pk}/counts/").status_code == 404
