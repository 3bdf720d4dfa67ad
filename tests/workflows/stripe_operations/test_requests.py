"""What each operation sends, against what the SDK itself says and sends."""

import re
from importlib import import_module

import pytest
from stripe import RequestOptions

from stripeflow.actions.at_most import AT_MOST
from stripeflow.actions.context import ActionContext
from stripeflow.workflows.stripe_operations import action, operations
from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.inputs import CLEAR
from stripeflow.workflows.stripe_operations.marks import ONLY_OFF, WITHHELD
from stripeflow.workflows.stripe_operations.paging import MOST
from stripeflow.workflows.stripe_operations.parameters import leaves, parameters
from tests.workflows.stripe_operations.recording import sample

OPERATIONS = operations.operations()


@pytest.fixture
def recorder(recorder, monkeypatch, settings):
    monkeypatch.setattr(action, "off_reason", lambda operation: "")
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_1"
    return recorder


def context_of(reserved):
    return ActionContext(
        run_id="run",
        workflow_name="W",
        step_key="step",
        step_name="S",
        idempotency_key="the-key",
        reserve=lambda **taken: reserved.append(taken),
    )


@pytest.mark.parametrize("key", OPERATIONS)
def test_sends_what_the_sdk_sends(key, recorder):
    """The request, and the names of its parameters and which of them are required, by the SDK's own types.

    Those types are imported here and nowhere else.
    """
    operation, reserved = OPERATIONS[key], []
    made = action.action_of(operation)
    inputs = {
        one.name: sample(one) for one in made.inputs if one.name not in (CLEAR, AT_MOST.name, MOST.name)
    }
    if key in ONLY_OFF:
        inputs[ONLY_OFF[key]] = False
    answer = made.execute(inputs, context_of(reserved))

    *earlier, (method, path, sent, idempotency_key) = recorder.requests
    assert (method, path) == (operation.verb, _path(operation, made, inputs))
    assert (idempotency_key == "the-key") == (method == "post")
    assert [one[0] for one in earlier] == (["get"] if key in COUNTED and COUNTED[key].reads else [])
    assert bool(reserved) == (key in COUNTED)
    assert answer["client_secret"] == "…"

    names, required = _declared(operation)
    asked = {one.name for one in made.inputs if one.required} - set(made.asked.ids)
    assert {re.match(r"[^\[]+", name)[0] for name in sent} == names
    assert {name.partition(".")[0] for name in made.asked.paths} == names
    assert {name for name in asked if "." not in name} <= required
    assert {name for name in required if name in made.asked.paths} <= asked | made.asked.currencies


def _path(operation, made, inputs):
    values = iter(made.asked.path_ids(inputs))
    return re.sub(r"\{\w+\}", lambda _match: next(values), operation.path)


def _declared(operation):
    """The names of the parameters that a form can ask for, and the required ones."""
    if operation.params is None:
        return set(), set()
    declared = getattr(import_module(operation.params[0]), operation.params[1])
    without = {*RequestOptions.__annotations__, *WITHHELD.get(operation.key, ())}
    # An object without a field of its own only says that something is there.
    empty = {one.name for one in parameters(*operation.params) if not list(leaves((one,)))}
    names = set(declared.__annotations__) - without - empty
    return names, set(declared.__required_keys__) & names
