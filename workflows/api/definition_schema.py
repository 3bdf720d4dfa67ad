"""The structure of a definition, moved from its own JSON schema into the components of OpenAPI."""

from typing import Any

from stripeflow.workflows.definition.schema import schema

# How a view refers to a whole definition.
DEFINITION: dict[str, Any] = {"$ref": "#/components/schemas/Definition"}
_LOCAL = "#/$defs/"


def add_definition(result: dict[str, Any]) -> dict[str, Any]:
    """Add `Definition` and its parts (`DefinitionStep`, …) to the components of an OpenAPI document."""
    components = result.setdefault("components", {}).setdefault("schemas", {})
    whole = schema()
    root = {key: value for key, value in whole.items() if key not in ("$schema", "$defs", "title")}
    components["Definition"] = _moved(root)
    for name, part in whole["$defs"].items():
        components[_component(name)] = _moved(part)
    return result


def _component(name: str) -> str:
    return f"Definition{name.capitalize()}"


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(item) for item in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _moved(item) for key, item in value.items()}
    if str(moved.get("$ref", "")).startswith(_LOCAL):
        moved["$ref"] = f"#/components/schemas/{_component(moved['$ref'][len(_LOCAL) :])}"
    return moved
