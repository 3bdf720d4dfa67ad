"""A host's own filter: listed, offered by the picker, checked and run with no other edit."""

import pytest

from stripeflow.workflows.models import StepRun
from stripeflow.workflows.references.filters import temporarily
from tests.workflows.documents import action, document
from tests.workflows.made_up_filter import MASKED

pytestmark = pytest.mark.usefixtures("recorder", "queue")


@pytest.fixture(autouse=True)
def _registered():
    with temporarily(MASKED):
        yield


def problems(api, text):
    answer = api.post("workflows/validate/", document(action("one", text=text))).json()
    return [problem for problem in answer["problems"] if problem["severity"] == "error"]


def test_it_is_in_the_catalogue(api):
    rows = {row["key"]: row for row in api.get("catalogue/filters/").json()["results"]}
    assert rows[MASKED.key]["usage"] == "acme_masked([shown])"


def test_a_definition_with_it_is_checked(api):
    assert not problems(api, "{{ trigger.id | acme_masked }}")
    (problem,) = problems(api, "{{ trigger.amount | acme_masked(2) }}")
    assert "needs a text" in problem["message"]


def test_a_step_is_given_what_it_makes(finish):
    run = finish(action("one", text="{{ trigger.id | acme_masked(3) }}"))
    assert run.status == "succeeded"
    step = StepRun.objects.get(run=run)
    assert step.inputs["text"].startswith("•••")
