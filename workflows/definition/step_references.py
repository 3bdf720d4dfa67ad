"""What a step refers to, as exact paths: in its inputs, and in the conditions of its lanes. Pure."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from stripeflow.actions.base import Action
from stripeflow.workflows import conditions
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.references import Path, TemplateError, parse, parse_path


def references_of(step: Json) -> frozenset[Path]:
    """Every path that a step itself refers to; those of the steps inside it are not among them.

    A text that is no template refers to nothing. For an action that is not installed, every text is read.
    """
    asked = (paths_in_conditions(lane.own.get("conditions")) for lane in lanes(step))
    return paths_in_texts(chain(*texts_of(step).values())).union(*asked)


def steps_used(step: Json) -> frozenset[str]:
    """The keys of the steps that a step itself refers to, or names in another way."""
    action = kinds.of(step).declared(step)
    inputs = (step.get("inputs") or {}) if action is not None else {}
    named = {
        key
        for name, raw in inputs.items()
        if action is not None and name in action.input_names
        for key in action.input(name).step_keys(raw)
    }
    return steps_named(references_of(step)) | named


def paths_in_texts(texts: Iterable[str]) -> frozenset[Path]:
    """The paths of the references in these texts."""
    return frozenset(path for text in texts for path in _paths_in_text(text))


def paths_in_conditions(group: Json | None) -> frozenset[Path]:
    """The fields that conditions ask about and are compared with, as far as they are filled in."""
    return frozenset(_paths_in_group(group)) if group else frozenset()


def steps_named(paths: Iterable[Path]) -> frozenset[str]:
    """The keys of the steps that these paths lead to."""
    return frozenset(str(path[1]) for path in paths if len(path) > 1 and path[0] == "steps")


def texts_of(step: Json) -> dict[str, list[str]]:
    """The texts of a step's inputs that may hold references, by the name of the input."""
    inputs, action = step.get("inputs") or {}, kinds.of(step).declared(step)
    return {name: list(_texts_in(action, name, raw)) for name, raw in inputs.items()}


def _texts_in(action: Action | None, name: str, raw: Any) -> Iterator[str]:
    if action is None:
        yield from _every_text(raw)
    elif name in action.input_names:
        yield from (text for _path, text in action.input(name).templates(raw))


def _every_text(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _every_text(item)


def _paths_in_text(text: str) -> Iterator[Path]:
    with suppress(TemplateError):
        for reference in parse(text).references:
            yield from reference.paths


def _paths_in_group(group: Json) -> Iterator[Path]:
    for condition in group["conditions"]:
        with suppress(TemplateError):
            if field := condition.get("field"):
                yield parse_path(field)
        with suppress(conditions.ValueFault):
            if other := conditions.field_in(condition.get("value")):
                yield other.path
        if "conditions" in condition:
            yield from _paths_in_group(condition)
