import pytest
from django.db import IntegrityError, transaction

from stripeflow.workflows.drafts.rows import replace_rows, to_document
from stripeflow.workflows.models import Branch, Condition, Workflow
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

pytestmark = pytest.mark.django_db

LIST_TEST = {
    "field": "trigger.lines.data",
    "quantifier": "none",
    **group(compare("item.amount", "greater_than", usd(5)), match="any"),
}
DEEP = document(
    action("first", to=["staff"], body="x"),
    branch(
        "choose",
        way(
            "large",
            group(compare("trigger.amount", "greater_than", usd(2000)), group(LIST_TEST, match="none")),
            branch("again", way("eur", group(compare("trigger.currency", "equal", "eur")), action("inner"))),
            action("second"),
        ),
        otherwise=(action("other"),),
    ),
    action("last"),
    conditions=group(
        compare("trigger.amount", "greater_than", usd(1000)),
        group(compare("trigger.description", "is_present"), match="any"),
    ),
)


def saved(value):
    workflow = Workflow.objects.create(name=value["name"])
    replace_rows(workflow, value)
    return workflow


def test_a_document_comes_back_from_its_rows():
    assert to_document(saved(DEEP)) == DEEP


def test_replacing_leaves_nothing_of_the_old_rows():
    workflow = saved(DEEP)
    replace_rows(workflow, document(action("only")))
    assert to_document(workflow) == document(action("only"))
    assert not Condition.objects.exists()


def test_an_unfinished_workflow_still_has_a_document():
    assert to_document(Workflow.objects.create(name="Empty"))["trigger"] == {
        "type": "stripe_event",
        "event_type": "",
        "conditions": {"match": "all", "conditions": []},
    }


def test_rows_of_equal_position_keep_the_order_in_which_they_were_made():
    workflow = saved(document(action("a"), action("b"), action("c")))
    workflow.steps.update(position=0)
    assert [step["key"] for step in to_document(workflow)["steps"]] == ["a", "b", "c"]


@pytest.mark.parametrize("count", [1, 30])
def test_reading_takes_the_same_queries_however_many_steps(count, django_assert_num_queries):
    workflow = saved(document(*(action(f"step_{n}") for n in range(count))))
    with django_assert_num_queries(6):
        to_document(workflow)


def test_reading_takes_one_query_more_for_each_level_of_conditions(django_assert_num_queries):
    workflow = saved(DEEP)
    with django_assert_num_queries(6 + 2):
        to_document(workflow)


FAILING = document(
    {**failing(action("one", text="a"), action("two", text="b")), "retry": {"max_attempts": 3}},
    failing(action("three", text="c"), failing(action("four", text="d")), action("five", text="e")),
    {**action("six", text="f"), "on_error": "continue", "retry": {"base_seconds": 0.5}},
)


def test_error_branches_and_retry_policies_come_back_from_their_rows():
    assert to_document(saved(FAILING)) == FAILING


def test_an_empty_retry_policy_is_none():
    assert to_document(saved(document({**action("one"), "retry": {}}))) == document(action("one"))


def test_a_chosen_error_branch_without_a_row_is_empty():
    workflow = saved(document(action("one")))
    workflow.steps.update(on_error="branch")
    assert to_document(workflow) == document(failing(action("one")))


def test_an_action_has_one_error_branch():
    step = saved(FAILING).steps.get(key="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Branch.objects.create(step=step, key="another", on_error=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Branch.objects.create(step=step, key="another", on_error=True, otherwise=True)


@pytest.mark.parametrize("own", [{}, {"if_undecided": "otherwise"}, {"if_undecided": "stop"}])
def test_what_a_branch_step_does_if_it_is_undecided_comes_back(own):
    step = {**branch("choose", way("large", group(compare("trigger.amount", "greater_than", usd(5))))), **own}
    assert to_document(saved(document(step))) == document(step)


@pytest.mark.parametrize("path", ["trigger.lines.data[0].id", 'trigger["lines"].data.0["id"]'])
def test_a_path_is_kept_in_the_usual_way(path):
    written = document(action("only"), conditions=group(compare(path, "is_present")))
    kept = to_document(saved(written))["trigger"]["conditions"]["conditions"]
    assert [condition["field"] for condition in kept] == ["trigger.lines.data.0.id"]


def test_a_path_that_cannot_be_read_is_kept_for_its_author():
    written = document(action("only"), conditions=group(compare("trigger.lines[", "is_present")))
    kept = to_document(saved(written))["trigger"]["conditions"]["conditions"]
    assert [condition["field"] for condition in kept] == ["trigger.lines["]


def test_what_a_text_is_read_as_and_other_values_come_back():
    conditions = group(
        {**compare("trigger.metadata.total", "greater_than", 5), "as": "number"},
        compare("trigger.amount", "less_than", "{{ trigger.amount_received }}"),
        compare("trigger.created", "within_last_days", {"hours": 6}),
    )
    written = document(action("only"), conditions=conditions)
    assert to_document(saved(written)) == written


def test_a_field_that_is_a_value_is_kept_in_the_usual_way():
    condition = compare("trigger.id", "equal", "{{trigger.lines.data[0].id}}")
    kept = to_document(saved(document(action("only"), conditions=group(condition))))
    assert kept["trigger"]["conditions"]["conditions"][0]["value"] == "{{ trigger.lines.data.0.id }}"
