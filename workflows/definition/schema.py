"""The structure of a definition document, as a JSON schema (draft 2020-12).

A document that breaks it is not saved. `validation` checks what it means.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from stripeflow.triggers.types import registry
from stripeflow.triggers.types.base import TriggerType
from stripeflow.workflows.conditions.field_types import READINGS
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import KEY_PATTERN
from stripeflow.workflows.definition.problems import DefinitionError, Problem
from stripeflow.workflows.definition.same_object import SAME_OBJECTS
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
# A hostile document may have a problem in every byte; the first ones are enough to fix it.
MAX_PROBLEMS = 200

KEY = {"type": "string", "pattern": KEY_PATTERN}
NAME = {"type": "string", "maxLength": 200}
STEPS = {"type": "array", "maxItems": MAX_STEPS, "items": {"$ref": "#/$defs/step"}}


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
_CANCEL_WHEN = {
    "type": "array",
    "maxItems": 5,
    "items": _object(
        ["event"],
        event={"type": "string", "minLength": 1, "maxLength": 100},
        same_as={"enum": ["", *SAME_OBJECTS]},
        conditions={"$ref": "#/$defs/group"},
    ),
}
_SECONDS = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_SECONDS}
_GROUP = {
    "match": {"enum": ["all", "any", "none"]},
    "conditions": {"type": "array", "maxItems": 100, "items": {"$ref": "#/$defs/condition"}},
}
_FIELD = {"type": "string", "maxLength": 300}
# Definitions of versions once had types inside. Files may still have them; they are ignored.
_NOT_READ = {"type": ["string", "null"], "deprecated": True}
_OLD_TYPES = {"type": _NOT_READ, "currency_field": _NOT_READ}

_PARTS: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "StripeFlow workflow definition",
    **_object(
        ["format", "name", "trigger", "steps"],
        format={"const": FORMAT},
        name={"type": "string", "minLength": 1, "maxLength": 200},
        description={"type": "string", "maxLength": 10_000},
        trigger={"$ref": "#/$defs/trigger"},
        steps=STEPS,
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
        "branch": _object(
            ["key", "steps"],
            key=KEY,
            name=NAME,
            otherwise={"type": "boolean"},
            conditions={"$ref": "#/$defs/group"},
            steps=STEPS,
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


def step_schema(kind: str, required: Sequence[str], **properties: Any) -> dict[str, Any]:
    """The part of the schema for the steps of one kind, with what all of them have."""
    return _object(["key", "type", *required], key=KEY, type={"const": kind}, name=NAME, **properties)


def schema() -> dict[str, Any]:
    """The JSON schema of a definition, with the steps and triggers of every kind that is installed."""
    return _schema(kinds.all(), registry.all())


@cache
def _schema(blocks: tuple[kinds.Block, ...], types: tuple[TriggerType, ...]) -> dict[str, Any]:
    return {**_PARTS, "$defs": {**_PARTS["$defs"], "trigger": _trigger(types), "step": _step(blocks)}}


@cache
def _validator(blocks: tuple[kinds.Block, ...], types: tuple[TriggerType, ...]) -> Draft202012Validator:
    return Draft202012Validator(_schema(blocks, types))


def _step(blocks: tuple[kinds.Block, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [block.kind for block in blocks]}},
        "allOf": [
            {"if": {"properties": {"type": {"const": block.kind}}}, "then": block.schema()}
            for block in blocks
        ],
    }


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
                    # Without it, events that workflows cause start only what is harmless.
                    caused_events={"enum": ["start", "ignore"]},
                    # Each of these events ends a run, whichever step it is at.
                    cancel_when=_CANCEL_WHEN,
                    conditions={"$ref": "#/$defs/group"},
                ),
            }
            for one in types
        ],
    }


def check_structure(document: object) -> None:
    """Raise `DefinitionError` with every place where `document` breaks the structure of format 1.

    At most `MAX_PROBLEMS` places; of a definition that is too large, only that it is.
    """
    if _depth(document) > MAX_DEPTH * 3:
        raise DefinitionError([Problem("", "too_deep", "The definition is nested too deeply.")])
    if too_much := too_large(size_of(document)):
        raise DefinitionError(too_much)
    errors = islice(_leaves(_validator(kinds.all(), registry.all()).iter_errors(document)), MAX_PROBLEMS)
    problems = [_problem(error, document) for error in errors]
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


def _problem(error: ValidationError, document: Any) -> Problem:
    path = "".join(f"/{part}" for part in error.absolute_path)
    code = f"structure.{error.validator}"
    where = list(error.absolute_path)
    if error.validator == "enum" and where == ["trigger", "type"]:
        return Problem(path, code, trigger_not_installed(str(error.instance)[:100]))
    if error.validator == "enum" and where[-1:] == ["type"] and isinstance(where[-2], int):
        return Problem(path, code, _unknown_kind(document, where))
    return Problem(path, code, f"{error.message[:500]}.")


def trigger_not_installed(type_key: str) -> str:
    """That nobody here knows this type of trigger."""
    return _("The type of trigger “%s” is not installed here. Install it, or choose another one.") % type_key


def _unknown_kind(document: Any, path: list[str | int]) -> str:
    """That a step is of a kind that is not installed, by its title."""
    step = document
    for part in path[:-1]:
        step = step[part]
    titles = (step.get("name"), step.get("key"))
    title = next((one for one in titles if isinstance(one, str) and one), "?")
    return _("The step “%(step)s” is of the kind “%(kind)s”, which is not installed. Delete it.") % {
        "step": title[:100],
        "kind": str(step["type"])[:100],
    }
