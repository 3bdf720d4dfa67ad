"""The structure of a definition document, as a JSON schema (draft 2020-12).

A document that breaks it saves nothing. What a step means is checked by `validation`.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from stripeflow.triggers.types import registry
from stripeflow.triggers.types.base import TriggerType
from stripeflow.workflows.conditions.field_types import READINGS
from stripeflow.workflows.definition.choices import KEY_PATTERN
from stripeflow.workflows.definition.problems import DefinitionError, Problem
from stripeflow.workflows.definition.size import size_of, too_large

FORMAT = 1
# Of its text. A definition of 200 steps with long texts stays well below.
LIMIT_BYTES = 1024 * 1024
# In one list; `size` has the limits of the whole.
MAX_STEPS = 200
MAX_DEPTH = 20
MAX_ATTEMPTS = 100
MAX_SECONDS = 604_800
MAX_ACCOUNTS = 200
# A hostile document may have a problem in every byte; the first ones are enough to mend it.
MAX_PROBLEMS = 200

_KEY = {"type": "string", "pattern": KEY_PATTERN}
_NAME = {"type": "string", "maxLength": 200}
_STEPS = {"type": "array", "maxItems": MAX_STEPS, "items": {"$ref": "#/$defs/step"}}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


_ACCOUNTS = {
    "type": "array",
    "maxItems": MAX_ACCOUNTS,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1, "maxLength": 255},
}
_SECONDS = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_SECONDS}
_GROUP = {
    "match": {"enum": ["all", "any", "none"]},
    "conditions": {"type": "array", "maxItems": 100, "items": {"$ref": "#/$defs/condition"}},
}
_FIELD = {"type": "string", "maxLength": 300}
# The definitions of versions had types inside once. Files may still have them; they are not read.
_NOT_READ = {"type": ["string", "null"], "deprecated": True}
_OLD_TYPES = {"type": _NOT_READ, "currency_field": _NOT_READ}

_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "StripeFlow workflow definition",
    **_object(
        ["format", "name", "trigger", "steps"],
        format={"const": FORMAT},
        name={"type": "string", "minLength": 1, "maxLength": 200},
        description={"type": "string", "maxLength": 10_000},
        trigger={"$ref": "#/$defs/trigger"},
        steps=_STEPS,
    ),
    "$defs": {
        "scope": _object(
            ["mode", "accounts"],
            mode={"enum": ["live", "test", "both"]},
            # A list names connected accounts.
            accounts={"anyOf": [{"enum": ["own", "connected", "all"]}, _ACCOUNTS]},
        ),
        "retry": _object(
            [],
            max_attempts={"type": "integer", "minimum": 1, "maximum": MAX_ATTEMPTS},
            base_seconds=_SECONDS,
            cap_seconds=_SECONDS,
            total_seconds=_SECONDS,
        ),
        "step": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": ["action", "branch"]}},
            "if": {"properties": {"type": {"const": "branch"}}},
            "then": _object(
                ["key", "type", "branches"],
                key=_KEY,
                type={"const": "branch"},
                name=_NAME,
                if_undecided={"enum": ["otherwise", "stop"]},
                branches={
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 50,
                    "items": {"$ref": "#/$defs/branch"},
                },
            ),
            "else": {
                **_object(
                    ["key", "type", "action"],
                    key=_KEY,
                    type={"const": "action"},
                    name=_NAME,
                    action={"type": "string", "maxLength": 100},
                    inputs={"type": "object"},
                    acts_as={"enum": ["event", "platform"]},
                    on_error={"enum": ["stop", "continue", "branch"]},
                    retry={"$ref": "#/$defs/retry"},
                    error_branch=_object(["steps"], steps=_STEPS),
                ),
                # An error branch and the choice to take it come together, or steps would be lost.
                "if": {"required": ["on_error"], "properties": {"on_error": {"const": "branch"}}},
                "then": {"required": ["error_branch"]},
                "dependentSchemas": {
                    "error_branch": {
                        "required": ["on_error"],
                        "properties": {"on_error": {"const": "branch"}},
                    }
                },
            },
        },
        "branch": _object(
            ["key", "steps"],
            key=_KEY,
            name=_NAME,
            otherwise={"type": "boolean"},
            conditions={"$ref": "#/$defs/group"},
            steps=_STEPS,
        ),
        "group": _object(["match", "conditions"], **_GROUP),
        "condition": {
            "type": "object",
            "if": {"required": ["field"]},
            "then": {
                "if": {"required": ["quantifier"]},
                "then": _object(
                    ["field", "quantifier", "match", "conditions"],
                    field=_FIELD,
                    quantifier={"enum": ["any", "all", "none"]},
                    **_GROUP,
                    **_OLD_TYPES,
                ),
                "else": _object(
                    ["field", "operator"],
                    field=_FIELD,
                    operator={"type": "string", "maxLength": 50},
                    value={},
                    **{"as": {"enum": [*READINGS]}},
                    **_OLD_TYPES,
                    value_type=_NOT_READ,
                    value_currency_field=_NOT_READ,
                    currency=_NOT_READ,
                    value_currency=_NOT_READ,
                ),
            },
            "else": {"$ref": "#/$defs/group"},
        },
    },
}


def schema() -> dict[str, Any]:
    """The JSON schema of a definition, with the types of triggers that are installed."""
    return _schema(registry.all())


@cache
def _schema(types: tuple[TriggerType, ...]) -> dict[str, Any]:
    return {**_SCHEMA, "$defs": {**_SCHEMA["$defs"], "trigger": _trigger(types)}}


@cache
def _validator(types: tuple[TriggerType, ...]) -> Draft202012Validator:
    return Draft202012Validator(_schema(types))


def _trigger(types: tuple[TriggerType, ...]) -> dict[str, Any]:
    """A trigger says its type, the settings of that type, and what all of them share."""
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [one.type for one in types]}},
        "allOf": [
            {
                "if": {"required": ["type"], "properties": {"type": {"const": one.type}}},
                "then": _object(
                    ["type", *one.defaults()],
                    type={"const": one.type},
                    **one.json_schema(),
                    # Without it every event counts, and a warning says that nobody has chosen.
                    scope={"$ref": "#/$defs/scope"},
                    # Without it, events that workflows cause start what moves no money and destroys nothing.
                    caused_events={"enum": ["start", "ignore"]},
                    conditions={"$ref": "#/$defs/group"},
                ),
            }
            for one in types
        ],
    }


def check_structure(document: object) -> None:
    """Raise `DefinitionError` listing where `document` has not the structure of format 1.

    It lists every place, up to `MAX_PROBLEMS`; of a definition that is too large, only that.
    """
    if _depth(document) > MAX_DEPTH * 3:
        raise DefinitionError([Problem("", "too_deep", "The definition is nested too deeply.")])
    if too_much := too_large(size_of(document)):
        raise DefinitionError(too_much)
    errors = islice(_leaves(_validator(registry.all()).iter_errors(document)), MAX_PROBLEMS)
    problems = [_problem(error) for error in errors]
    if problems:
        raise DefinitionError(sorted(problems, key=lambda problem: problem.path))


def _depth(value: object) -> int:
    """The nesting of `value`, found without recursion: the document may be hostile."""
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH * 3:
        depth += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _leaves(errors: Any) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _leaves(error.context)
        else:
            yield error


def _problem(error: ValidationError) -> Problem:
    path = "".join(f"/{part}" for part in error.absolute_path)
    return Problem(path, f"structure.{error.validator}", f"{error.message[:500]}.")
