import pytest

from stripeflow.workflows.definition.step_references import paths_in_conditions, references_of, steps_named
from tests.workflows.documents import action, branch, compare, failing, group, usd, way

pytestmark = pytest.mark.usefixtures("recorder")


def keys(step):
    return steps_named(references_of(step))


def test_every_reference_of_an_input_counts_however_it_is_written():
    text = '{{ steps.one.id }} {{ steps["two"].id }} {{ trigger.amount | money(steps.three.currency) }}'
    assert references_of(action("last", text=text)) == {
        ("steps", "one", "id"),
        ("steps", "two", "id"),
        ("trigger", "amount"),
        ("steps", "three", "currency"),
    }


@pytest.mark.parametrize(
    "text", ["steps.one.id", '{{ "steps.one.id" }}', "{{ steps.one", "{{ trigger.steps.one }}"]
)
def test_what_only_looks_like_a_reference_is_none(text):
    assert keys(action("last", text=text)) == set()


def test_conditions_refer_by_their_fields_and_by_what_these_are_compared_with():
    items = {
        "field": "steps.three.lines",
        "quantifier": "any",
        **group(compare("item.amount", "equal", "{{ steps.four.amount }}")),
    }
    asked = group(compare("steps.one.amount", "equal", "{{ steps.two.amount }}"), group(items))
    assert keys(branch("choice", way("a", asked))) == {"one", "two", "three", "four"}


def test_conditions_that_are_not_complete_refer_by_what_is_there():
    asked = group(
        compare("", ""), compare("steps.one.amount", ""), compare("steps.", "equal", "{{ steps.two")
    )
    assert steps_named(paths_in_conditions(asked)) == {"one"}


def test_the_steps_inside_refer_for_themselves():
    inside = action("inside", text="{{ steps.one.id }}")
    assert (
        keys(branch("choice", way("a", group(compare("trigger.amount", "greater_than", usd(5))), inside)))
        == set()
    )
    assert keys(failing(action("first", text="a"), inside)) == set()


def test_of_an_action_that_is_not_installed_every_text_counts():
    step = action("last", "no.such.action", rows=[{"value": "{{ steps.one.id }}"}])
    assert keys(step) == {"one"}
