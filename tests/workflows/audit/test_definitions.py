"""What an edit changed, by titles alone."""

import json

from stripeflow.workflows.audit.definitions import changed_titles
from tests.workflows.documents import action, document

MARKER = "MARKER-of-a-value"


def named(name, step):
    return {**step, "name": name}


def test_changed_step_is_reported_by_its_title_and_not_by_what_it_says():
    before = document(named("Tell the packers", action("one", text="a")))
    after = document(named("Tell the packers", action("one", text=MARKER)))
    assert changed_titles(before, after) == ["Tell the packers"]


def test_steps_that_came_and_went_are_reported():
    before = document(named("First", action("one", text="a")))
    after = document(named("Second", action("two", text="a")))
    assert changed_titles(before, after) == ["Second", "First"]


def test_parts_of_the_workflow_are_reported_by_what_they_are_called():
    before, after = document(name="Old"), document(name="New")
    assert changed_titles(before, after) == ["Name"]


def test_nothing_of_a_step_is_kept_but_its_title():
    before, after = document(), document(action("one", text=MARKER))
    assert MARKER not in json.dumps(changed_titles(before, after))


def test_same_steps_in_another_order_are_reported():
    one, two = action("one", text="a"), action("two", text="b")
    assert changed_titles(document(one, two), document(two, one)) == ["Order of the steps"]
