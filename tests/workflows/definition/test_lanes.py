"""The generic walk through the steps of a document."""

from stripeflow.workflows.definition.lanes import Role, lanes, steps_in, with_lanes, without_steps
from tests.workflows.documents import action, branch, compare, group, way

AMOUNT = group(compare("trigger.amount", "greater_than", 100))


def failing(key, *steps):
    return {**action(key), "on_error": "branch", "error_branch": {"steps": list(steps)}}


STEP = branch("choose", way("high", AMOUNT, failing("pay", action("tell"))), otherwise=(action("wait"),))


def test_lanes_come_in_reading_order_with_their_roles():
    found = [(lane.key, lane.role, lane.path) for lane in lanes(STEP)]
    assert found == [
        ("high", Role.CONDITION, "branches/0"),
        ("otherwise", Role.OTHERWISE, "branches/1"),
    ]
    [error] = lanes(failing("pay", action("tell")))
    assert (error.key, error.role, error.path) == ("error", Role.ERROR, "error_branch")


def test_the_walk_goes_down_every_lane():
    assert [step["key"] for step in steps_in([STEP, action("last")])] == [
        *("choose", "pay", "tell", "wait"),
        "last",
    ]


def test_what_a_lane_holds_is_replaced_in_a_copy():
    changed = with_lanes(STEP, lambda lane: [action(f"in_{lane.key}")])
    assert [step["key"] for step in steps_in([changed])] == ["choose", "in_high", "in_otherwise"]
    assert [step["key"] for step in steps_in([STEP])] == ["choose", "pay", "tell", "wait"]
    assert [lane.steps for lane in lanes(without_steps(STEP))] == [[], []]
