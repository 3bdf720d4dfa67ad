from types import SimpleNamespace

import pytest

from stripeflow.workflows.references import Scope, parse_path, resolve

EVENT = SimpleNamespace(object={"amount": 5}, payload={"id": "evt_1", "data": {"object": {"amount": 5}}})


@pytest.mark.parametrize(
    ("path", "value"),
    [("trigger.amount", 5), ("event.id", "evt_1"), ("event.data.object.amount", 5), ("steps.a.b", 1)],
)
def test_holds_the_event_its_object_and_what_steps_gave(path, value):
    scope = Scope.of_event(EVENT, steps={"a": {"b": 1}})
    assert resolve(parse_path(path), scope) == value


def test_a_step_that_is_noted_changes_no_other_scope():
    given = {"a": 1}
    scope = Scope.of_event(EVENT, steps=given)
    scope.note("b", 2)
    assert scope["steps"] == {"a": 1, "b": 2}
    assert given == {"a": 1}
