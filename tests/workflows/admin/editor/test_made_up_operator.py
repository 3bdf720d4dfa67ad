"""A host's own operator, in the editor: chosen, saved, activated and evaluated with no other edit."""

import pytest

from stripeflow.workflows.conditions.operators import temporarily
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, fill
from tests.workflows.documents import action, compare, document, group
from tests.workflows.events import accept
from tests.workflows.made_up_operator import DIVISIBLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

FAILED = "invoice.payment_failed"
ROW = {"chosen": "trigger.attempt_count", "operator": DIVISIBLE.key, "text": "5", "currency": "usd"}


@pytest.fixture(autouse=True)
def _registered():
    with temporarily(DIVISIBLE):
        yield


@pytest.fixture
def save(editor):
    """Fill the first row of an invoice's trigger conditions; returns the answer and the workflow."""

    def save(**boxes):
        workflow = lifecycle.create(document(action("one", text="a"), event_type=FAILED))
        given = {f"conditions-0-{name}": value for name, value in {**ROW, **boxes}.items()}
        return fill(editor, address(workflow.trigger), "trigger_form", **given), workflow

    return save


def starts(workflow, attempts):
    event = accept({"id": f"in_{attempts}", "object": "invoice", "attempt_count": attempts}, type=FAILED)
    return Run.objects.filter(workflow=workflow, event=event).exists()


def test_it_is_among_the_choices_of_a_row(editor):
    workflow = lifecycle.create(document(event_type=FAILED))
    page = editor.get(address(workflow.trigger)).content.decode()
    assert '<option value="acme_divisible_by">is divisible by</option>' in page


def test_a_row_with_it_is_saved_and_starts_runs(save):
    response, workflow = save()
    assert response.status_code == 302
    assert [row.operator for row in workflow.trigger.conditions.all()] == [DIVISIBLE.key]
    lifecycle.activate(workflow)
    assert (starts(workflow, 10), starts(workflow, 11)) == (True, False)


def test_it_is_read_back_on_the_canvas(editor, save):
    _response, workflow = save()
    assert "attempt count is divisible by 5" in editor.get(address(workflow)).content.decode()


@pytest.mark.parametrize("boxes", [{"chosen": "trigger.customer"}, {"text": "five"}])
def test_a_field_or_a_value_that_it_does_not_fit_is_refused(save, boxes):
    response, workflow = save(**boxes)
    assert errors_of(response)
    assert not workflow.trigger.conditions.exists()


def test_a_draft_whose_operator_is_gone_says_so():
    asked = group(compare("trigger.attempt_count", "acme_gone", 5))
    workflow = lifecycle.create(document(action("one", text="a"), event_type=FAILED, conditions=asked))
    with pytest.raises(DefinitionError, match="“acme_gone” is not an operator"):
        lifecycle.activate(workflow)
