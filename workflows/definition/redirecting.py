"""Changes what a step refers to, for a copy whose steps have other keys. Pure."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Lane, with_own
from stripeflow.workflows.definition.step_references import texts_of
from stripeflow.workflows.references import Path, TemplateError, format_path, parse, parse_path

Change = Callable[[Path], Path]


def with_references(step: Json, change: Change) -> Json:
    """A copy of `step` in which it, and the steps inside it, refer to what `change` makes of each path."""

    def own(lane: Lane) -> Json:
        inside = {**lane.own, "steps": [with_references(one, change) for one in lane.steps]}
        return inside | (
            {"conditions": _changed_group(asked, change)} if (asked := lane.own.get("conditions")) else {}
        )

    copy = with_own(step, own)
    if step.get("inputs"):
        copy["inputs"] = _changed_inputs(step, change)
    return copy


def _changed_inputs(step: Json, change: Change) -> Json:
    """The inputs. Only texts whose references change are written again; all others stay as they are."""
    texts, action = texts_of(step), kinds.of(step).declared(step)

    def changed(name: str, raw: Any) -> Any:
        new = _replaced(raw, _changes(texts[name], change))
        if action is None or name not in action.input_names:
            return new
        return action.input(name).with_step_keys(new, lambda key: str(change(("steps", key))[1]))

    return {name: changed(name, raw) for name, raw in step["inputs"].items()}


def _changes(texts: Iterable[str], change: Change) -> dict[str, str]:
    found = {text: _changed_text(text, change) for text in texts}
    return {old: new for old, new in found.items() if old != new}


def _replaced(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, str):
        # An input that strips its texts returns them without outer spaces.
        return texts.get(value, texts.get(value.strip(), value))
    if isinstance(value, list):
        return [_replaced(item, texts) for item in value]
    if isinstance(value, dict):
        return {name: _replaced(item, texts) for name, item in value.items()}
    return value


def _changed_text(text: str, change: Change) -> str:
    try:
        template = parse(text)
    except TemplateError:
        return text
    changed = template.with_paths(change)
    return text if changed == template else str(changed)


def _changed_group(group: Json, change: Change) -> Json:
    return {**group, "conditions": [_changed_condition(one, change) for one in group["conditions"]]}


def _changed_condition(condition: Json, change: Change) -> Json:
    changed = _changed_group(condition, change) if "conditions" in condition else dict(condition)
    with suppress(TemplateError):
        if field := condition.get("field"):
            path = parse_path(field)
            changed["field"] = field if change(path) == path else format_path(change(path))
    if isinstance(value := condition.get("value"), str):
        changed["value"] = _changed_text(value, change)
    return changed
