"""A host's own operator, through the API: listed, checked and activated with no other edit."""

import pytest

from stripeflow.workflows.conditions.operators import temporarily
from tests.workflows.documents import action, compare, document, group
from tests.workflows.made_up_operator import DIVISIBLE

pytestmark = pytest.mark.usefixtures("recorder", "queue")


@pytest.fixture(autouse=True)
def _registered():
    with temporarily(DIVISIBLE):
        yield


def asking(value, field="trigger.attempt_count"):
    asked = group(compare(field, DIVISIBLE.key, value))
    return document(action("one", text="a"), event_type="invoice.payment_failed", conditions=asked)


def problems(api, definition):
    answer = api.post("workflows/validate/", definition).json()
    return [problem["code"] for problem in answer["problems"] if problem["severity"] == "error"]


def test_it_is_in_the_catalogue(api):
    rows = {row["key"]: row for row in api.get("catalogue/operators/").json()["results"]}
    assert rows[DIVISIBLE.key]["types"] == ["any", "integer"]
    assert (rows[DIVISIBLE.key]["value_kind"], rows[DIVISIBLE.key]["readings"]) == ("one", ["count"])


def test_a_definition_with_it_is_checked(api):
    assert problems(api, asking(5)) == []
    assert problems(api, asking("five")) == ["value_type"]
    assert problems(api, asking(5, "trigger.customer")) == ["operator"]


def test_a_workflow_with_it_is_activated(api):
    workflow = api.post("workflows/", asking(5)).json()["id"]
    assert api.post(f"workflows/{workflow}/activate/", headers={"If-Match": "*"}).status_code == 200
