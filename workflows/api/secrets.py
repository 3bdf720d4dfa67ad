"""Inputs that only those who may edit can read: what an action declares as secret."""

from typing import Any

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.clear_secrets import without_values
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import with_lanes
from stripeflow.workflows.permissions import may_edit


def readable_definition(document: Json, user: Any) -> Json:
    """`document`, with secret inputs hidden from those who may not change it anyway.

    A value that an older version kept in clear is hidden from everybody.
    """
    return without_values(document) if may_edit(user) else masked_definition(document)


def masked_definition(document: Json) -> Json:
    """A copy of a definition without the values of secret inputs."""
    return {**document, "steps": [_masked_step(step) for step in document["steps"]]}


def masked_inputs(step: Json, inputs: Json | None) -> Json | None:
    """The inputs of a step without secret values; none at all if nobody can say which are.

    `step` is what a document says of it, as far as it takes to name it.
    """
    if inputs is None:
        return None
    action = kinds.of(step).declared(step)
    return None if action is None else action.masked(inputs)


def _masked_step(step: Json) -> Json:
    masked = with_lanes(step, lambda lane: [_masked_step(inner) for inner in lane.steps])
    if "inputs" in step:
        masked["inputs"] = masked_inputs(step, step["inputs"]) or {}
    return masked
