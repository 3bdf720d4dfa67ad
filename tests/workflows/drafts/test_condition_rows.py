import pytest

from stripeflow.workflows.drafts.condition_rows import ConditionRows, rows_in
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Condition, Trigger, Workflow
from stripeflow.workflows.models.condition import ConditionKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def trigger():
    """One of each kind of row, one inside the other, the innermost read as a number."""
    trigger = Trigger.objects.create(workflow=Workflow.objects.create(name="Refunds"))
    outer = trigger.conditions.create(kind=ConditionKind.LIST, field="trigger.items", quantifier="none")
    inner = outer.children.create(kind=ConditionKind.GROUP, match="any")
    inner.children.create(field="item.metadata.count", operator="greater_than", value=5, read_as="number")
    trigger.conditions.create(position=1, field="trigger.status", operator="is_empty")
    return trigger


def test_rows_stand_as_in_the_document_of_the_workflow(trigger):
    documents = [document for _row, document in rows_in(trigger)]
    assert documents == to_document(trigger.workflow)["trigger"]["conditions"]["conditions"]
    assert documents[0]["conditions"][0]["conditions"][0]["as"] == "number"


def test_rows_of_a_row_are_those_inside_it(trigger):
    ((row, document),) = rows_in(trigger.conditions.first())
    assert row.kind == ConditionKind.GROUP
    assert document["match"] == "any"


def test_one_query_reads_each_level(trigger, django_assert_num_queries):
    with django_assert_num_queries(3):
        rows_in(trigger)


@pytest.mark.parametrize("kind", ConditionKind)
def test_a_row_that_is_not_saved_holds_nothing(kind):
    document = ConditionRows().document(Condition(kind=kind, field="trigger.items"))
    assert document.get("conditions", []) == []
