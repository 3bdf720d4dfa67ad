import pytest

from stripeflow.workflows.definition.redirecting import with_references
from tests.workflows.documents import action, branch, compare, group, way

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


def test_conditions_and_steps_inside_follow():
    def choice(key):
        asked = group(group(compare(f"steps.{key}.amount", "equal", f"{{{{ steps.{key}.other }}}}")))
        return branch("choice", way("a", asked, action("inside", text=f"{{{{ steps.{key}.id }}}}")))

    assert with_references(choice("one"), to_other) == choice("other")


def test_the_step_itself_is_left_as_it_is():
    step = action("last", text="{{ steps.one.id }}")
    with_references(step, to_other)
    assert step == action("last", text="{{ steps.one.id }}")
