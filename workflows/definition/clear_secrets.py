"""Finds values of secret inputs in old definitions. Today such an input names a secret instead."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from stripeflow.actions import registry
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import without_references
from stripeflow.actions.named_secrets import HIDDEN, name_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def secret_kinds() -> list[str]:
    """The keys of the actions that have a secret input."""
    return [action.key for action in registry.all() if any(one.secret for one in action.inputs)]


def clear_fields(action_key: str, inputs: Any) -> Iterator[InputField]:  # noqa: ANN401  any JSON value
    """The secret inputs of an action that hold a value, and name no secret."""
    action = registry.find(action_key)
    if action is None or not isinstance(inputs, dict):
        return
    for field in action.inputs:
        raw = inputs.get(field.name)
        if field.secret and not field.is_empty(raw) and not name_in(raw):
            yield field


def is_value(field: InputField, raw: Any) -> bool:  # noqa: ANN401
    """Whether such an input holds a text of its own, and not only references to data of the event."""
    texts = [text for _path, text in field.templates(raw)]
    return not texts or any(without_references(text).strip() for text in texts)


def inputs_hold_value(action_key: str, inputs: Any) -> bool:  # noqa: ANN401
    """Whether the inputs of one step hold a value in clear."""
    return any(is_value(field, inputs[field.name]) for field in clear_fields(action_key, inputs))


def holds_value(document: Json) -> bool:
    """Whether any step of a document does."""
    return any(
        inputs_hold_value(place.step.get("action", ""), place.step.get("inputs")) for place in steps(document)
    )


def values_in(document: Json) -> dict[tuple[str, str], Any]:
    """The values that a document holds in clear, by the keys of their steps and the names of the inputs."""
    found = {}
    for place in steps(document):
        inputs = place.step.get("inputs") or {}
        for field in clear_fields(place.step.get("action", ""), inputs):
            found[place.step["key"], field.name] = inputs[field.name]
    return found


def without_values(document: Json) -> Json:
    """A document that holds no value in clear: dots stand in their places."""
    if not values_in(document):
        return document
    copy = deepcopy(document)
    for place in steps(copy):
        inputs = place.step.get("inputs") or {}
        for field in clear_fields(place.step.get("action", ""), inputs):
            inputs[field.name] = HIDDEN
    return copy
