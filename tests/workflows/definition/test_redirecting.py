import pytest

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.definition.redirecting import with_references
from stripeflow.workflows.definition.step_references import references_of
from tests.workflows.documents import action, branch, compare, group, way
from tests.workflows.recording import Recorder, recording_action

pytestmark = pytest.mark.usefixtures("recorder")


def to_other(path):
    return ("steps", "other", *path[2:]) if path[:2] == ("steps", "one") else path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ steps.one.id }}", "{{ steps.other.id }}"),
        ('{{ steps["one"].id }}', "{{ steps.other.id }}"),
        (
            "{{ trigger.amount | money(steps.one.currency) }}",
            "{{ trigger.amount | money(steps.other.currency) }}",
        ),
        ("steps.one.id of {{ steps.one.id }}", "steps.one.id of {{ steps.other.id }}"),
        ("{{trigger.id}} and {{ steps.one_more.id }}", "{{trigger.id}} and {{ steps.one_more.id }}"),
        ("{{ steps.one", "{{ steps.one"),
    ],
)
def test_inputs_follow_where_they_refer_and_stay_as_they_are_elsewhere(before, after):
    assert with_references(action("last", text=before), to_other) == action("last", text=after)


def test_an_input_that_takes_no_references_stays_as_it_is():
    class Plain(recording_action(Recorder(), key="test.plain")):
        inputs = (
            StringInput(name="text", label="Text", references=True),
            StringInput(name="plain", label="Plain", references=False),
        )

    text = "{{ steps.one.id }}"
    with registry.temporarily(Plain):
        found = with_references(action("last", "test.plain", text=text, plain=text), to_other)
        named = references_of(action("last", "test.plain", plain=text))
    assert (found["inputs"], named) == ({"text": "{{ steps.other.id }}", "plain": text}, set())


def test_conditions_and_steps_inside_follow():
    def choice(key):
        asked = group(group(compare(f"steps.{key}.amount", "equal", f"{{{{ steps.{key}.other }}}}")))
        return branch("choice", way("a", asked, action("inside", text=f"{{{{ steps.{key}.id }}}}")))

    assert with_references(choice("one"), to_other) == choice("other")


def test_the_step_itself_is_left_as_it_is():
    step = action("last", text="{{ steps.one.id }}")
    with_references(step, to_other)
    assert step == action("last", text="{{ steps.one.id }}")
