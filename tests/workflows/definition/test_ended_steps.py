"""Which steps have surely ended once a run comes to a step."""

import pytest

from stripeflow.workflows.definition.ended_steps import ended_before
from stripeflow.workflows.definition.redirecting import with_references
from stripeflow.workflows.definition.step_references import steps_used
from stripeflow.workflows.definition.walk import steps
from tests.workflows.blocks.waits.steps import event_lane, wait_for_event
from tests.workflows.documents import action, branch, compare, document, group, way

FAILED = {"key": "cleanup", "type": "on_failure", "name": "", "branches": [], "inputs": {}}
LOOP = {
    "key": "each",
    "type": "loop",
    "name": "",
    "inputs": {"list": "{{ trigger.refunds.data }}"},
    "branches": [{"key": "each", "name": "", "steps": [action("in_item"), wait_for_event("in_loop")]}],
}
IN_USD = group(compare("trigger.currency", "equal", "usd"))
STEPS = (
    action("first"),
    branch("split", way("yes", IN_USD, action("inner"), wait_for_event("a"))),
    FAILED,
    LOOP,
    wait_for_event("outer", lanes=[event_lane(action("thanks"), wait_for_event("inside"))]),
    wait_for_event("last"),
)


@pytest.mark.parametrize(
    ("key", "ended"),
    [
        ("first", []),
        ("a", ["first", "inner"]),
        ("in_loop", ["first", "split", "in_item"]),
        ("inside", ["first", "split", "each", "thanks"]),
        ("last", ["first", "split", "each", "outer"]),
    ],
)
def test_steps_in_front_on_every_path_have_ended(key, ended):
    place = next(one for one in steps(document(*STEPS)) if one.step["key"] == key)
    assert [step["key"] for step in ended_before(place)] == ended


def test_a_step_since_which_events_count_is_used_and_followed():
    step = wait_for_event(since="steps.first", object_id="{{ steps.second.id }}")
    assert steps_used(step) == {"first", "second"}
    copy = with_references(step, lambda path: ("steps", f"{path[1]}_2", *path[2:]))
    assert copy["inputs"]["since"] == "steps.first_2"
    assert copy["inputs"]["object_id"] == "{{ steps.second_2.id }}"
    assert steps_used(wait_for_event(since="now")) == set()
