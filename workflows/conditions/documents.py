"""Condition trees as JSON documents: reading them strictly, and writing them."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.naming import with_close
from stripeflow.workflows.conditions.field_types import FIELD_TYPES, READINGS
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import OPERATORS
from stripeflow.workflows.conditions.truth import MATCHES
from stripeflow.workflows.references import TemplateError, format_path, parse_path

MAX_DEPTH = 20
MAX_NODES = 500
MAX_LIST_DEPTH = 3
MAX_FIELD_LENGTH = 300
MAX_TEXT = 5_000
MAX_ITEMS = 200
MAX_INTEGER = 2**63

_CURRENCY = re.compile(r"[a-z]{3}", re.ASCII)
_GROUP_KEYS = {"match", "conditions"}
# The keys with the types of fields, in recorded tests and beside a definition: see `Types`.
_TYPE_KEYS = {"type", "currency_field", "currency", "value_type", "value_currency_field", "value_currency"}
_LIST_KEYS = {"field", "quantifier", "match", "conditions", "type", "currency_field"}
_TEST_KEYS = {"field", "operator", "value", "as"} | _TYPE_KEYS

# What tests and lists are judged by, by the JSON pointer of each: its `type` and `currency_field`, or the
# `currency` itself, and the same of a field that is its value (`value_type`, ...). Unknown ones are left out.
Types = Mapping[str, Mapping[str, str]]


class ConditionError(ValueError):
    """A document without the structure of conditions. `path` is a JSON pointer ("" is the root)."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message}"


def load(document: Any, types: Types | None = None, *, at: str = "", any_operator: bool = False) -> Group:
    """Read a document whose root is a group. Raises `ConditionError` at the first thing amiss.

    At most 500 conditions, 20 levels deep. The meaning of a test is not checked here: see `check`.
    `types` are those of a definition in which the group is `at` this JSON pointer; with them, tests are
    evaluated by these types alone. Without them, a test has its own: a recorded test says its types.
    With `any_operator`, a test may have one that is not installed here.
    """
    return _Loader(types, at, any_operator).group(document, "", 1, 0)


def dump(node: Node) -> dict[str, Any]:
    """The document of a node; `load(dump(group)) == group`."""
    if isinstance(node, Test):
        optional = {
            "value": node.value,
            "as": node.read_as,
            "type": node.type,
            "currency_field": node.currency_field,
            "value_type": node.value_type,
            "value_currency_field": node.value_currency_field,
            "currency": node.currency,
            "value_currency": node.value_currency,
        }
        given = {key: value for key, value in optional.items() if value is not None}
        return {"field": node.field, "operator": node.operator, **given}
    document = {"match": node.match, "conditions": [dump(child) for child in node.conditions]}
    if isinstance(node, ListTest):
        kind = {} if node.type is None else {"type": node.type}
        return {"field": node.field, "quantifier": node.quantifier, **kind, **document}
    return document


class _Loader:
    """Counts the nodes of one document while it reads them."""

    def __init__(self, types: Types | None, at: str, any_operator: bool) -> None:
        self.types, self.at, self.any_operator = types, at, any_operator
        self.nodes = 0

    def group(self, document: Any, path: str, depth: int, lists: int) -> Group:
        _keys(document, path, allowed=_GROUP_KEYS, required=_GROUP_KEYS)
        return Group(_match(document, "match", path), self._children(document, path, depth, lists))

    def _node(self, document: Any, path: str, depth: int, lists: int) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ConditionError(path, _("There are more than {n} conditions.").format(n=MAX_NODES))
        if depth > MAX_DEPTH:
            raise ConditionError(path, _("Conditions are nested more than {n} deep.").format(n=MAX_DEPTH))
        if isinstance(document, dict) and "quantifier" in document:
            return self._list_test(document, path, depth, lists)
        if isinstance(document, dict) and "conditions" in document:
            return self.group(document, path, depth, lists)
        return self._test(document, path)

    def _children(self, document: dict[str, Any], path: str, depth: int, lists: int) -> tuple[Node, ...]:
        children = document["conditions"]
        if not isinstance(children, list):
            raise ConditionError(f"{path}/conditions", _("This has to be a list of conditions."))
        return tuple(
            self._node(child, f"{path}/conditions/{number}", depth + 1, lists)
            for number, child in enumerate(children)
        )

    def _list_test(self, document: dict[str, Any], path: str, depth: int, lists: int) -> ListTest:
        _keys(document, path, allowed=_LIST_KEYS, required=_LIST_KEYS - {"type", "currency_field"})
        field = _field(document, "field", path)
        # A list within a list has to be one of the item's own, so that no list is walked twice.
        if lists and field and parse_path(field)[0] != "item":
            raise ConditionError(f"{path}/field", _("A list within a list starts with “item.”."))
        if lists == MAX_LIST_DEPTH:
            raise ConditionError(path, _("Lists are nested more than {n} deep.").format(n=MAX_LIST_DEPTH))
        return ListTest(
            field,
            _match(document, "quantifier", path),
            _match(document, "match", path),
            self._children(document, path, depth, lists + 1),
            _type(self._types(document, path), "type", path),
        )

    def _types(self, document: dict[str, Any], path: str) -> Mapping[str, Any]:
        return document if self.types is None else self.types.get(f"{self.at}{path}", {})

    def _test(self, document: Any, path: str) -> Test:
        _keys(document, path, allowed=_TEST_KEYS, required={"field", "operator"})
        _value(document.get("value"), f"{path}/value")
        types = self._types(document, path)
        return Test(
            field=_field(document, "field", path),
            operator=_operator(document["operator"], f"{path}/operator", also_unknown=self.any_operator),
            value=document.get("value"),
            type=_type(types, "type", path),
            currency_field=_optional_field(types, "currency_field", path),
            read_as=_reading(document.get("as"), f"{path}/as"),
            value_type=_type(types, "value_type", path),
            value_currency_field=_optional_field(types, "value_currency_field", path),
            currency=_code(types, "currency", path),
            value_currency=_code(types, "value_currency", path),
        )


def _keys(document: Any, path: str, *, allowed: set[str], required: set[str]) -> None:
    if not isinstance(document, dict):
        raise ConditionError(path, _("A condition has to be an object."))
    if unknown := sorted(str(key) for key in document if key not in allowed):
        message = _("“{key}” is not known here.").format(key=unknown[0][:100])
        raise ConditionError(path, with_close(message, unknown[0], sorted(allowed)))
    if missing := sorted(required - document.keys()):
        raise ConditionError(path, _("“{key}” is missing.").format(key=missing[0]))


def _match(document: dict[str, Any], key: str, path: str) -> str:
    value = document[key]
    if not isinstance(value, str) or value not in MATCHES:
        raise ConditionError(f"{path}/{key}", _("This has to be “all”, “any” or “none”."))
    return value


def _field(document: Mapping[str, Any], key: str, path: str) -> str:
    """The path in `key`, in its normal spelling; "" for a field that was not chosen yet."""
    text = document[key]
    if not isinstance(text, str) or len(text) > MAX_FIELD_LENGTH:
        message = _("This has to be the path of a field, of at most {n} characters.")
        raise ConditionError(f"{path}/{key}", message.format(n=MAX_FIELD_LENGTH))
    try:
        return format_path(parse_path(text)) if text else ""
    except TemplateError as error:
        raise ConditionError(f"{path}/{key}", error.message) from error


def _code(document: Mapping[str, Any], key: str, path: str) -> str | None:
    value = document.get(key)
    if value is not None and (not isinstance(value, str) or not _CURRENCY.fullmatch(value)):
        raise ConditionError(f"{path}/{key}", _("This has to be the code of a currency."))
    return value


def _optional_field(document: Mapping[str, Any], key: str, path: str) -> str | None:
    return None if document.get(key) is None else _field(document, key, path)


def _operator(value: Any, path: str, *, also_unknown: bool) -> str:
    if not isinstance(value, str) or (value and value not in OPERATORS and not also_unknown):
        message = _("“{operator}” is not an operator.").format(operator=str(value)[:100])
        raise ConditionError(path, with_close(message, value, OPERATORS))
    return value


def _reading(value: Any, path: str) -> str | None:
    if value is not None and (not isinstance(value, str) or value not in READINGS):
        message = _("A field can be read as one of: {readings}.")
        raise ConditionError(path, message.format(readings=", ".join(READINGS)))
    return value


def _type(document: Mapping[str, Any], key: str, path: str) -> str | None:
    value = document.get(key)
    if value is not None and (not isinstance(value, str) or value not in FIELD_TYPES):
        message = _("“{type}” is not a type of field.").format(type=str(value)[:100])
        raise ConditionError(f"{path}/{key}", with_close(message, value, FIELD_TYPES))
    return value


def _value(value: Any, path: str, depth: int = 0) -> None:
    """Require plain JSON of a modest size: a value, a list of values, or amounts of money."""
    if isinstance(value, list | dict):
        _container(value, path, depth)
    elif isinstance(value, str) and len(value) > MAX_TEXT:
        raise ConditionError(path, _("The text is longer than {n} characters.").format(n=MAX_TEXT))
    elif isinstance(value, int) and abs(value) >= MAX_INTEGER:
        raise ConditionError(path, _("The number is too large."))
    elif value is not None and not isinstance(value, str | int | float):
        raise ConditionError(path, _("The value has to be plain JSON."))
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConditionError(path, _("The value has to be a finite number."))


def _container(value: list[Any] | dict[Any, Any], path: str, depth: int) -> None:
    if len(value) > MAX_ITEMS:
        raise ConditionError(path, _("There are more than {n} values.").format(n=MAX_ITEMS))
    if depth == 2:
        raise ConditionError(path, _("The value is nested too deeply."))
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(value, dict) and (not isinstance(key, str) or len(key) > MAX_TEXT):
            raise ConditionError(path, _("The value has to be plain JSON."))
        _value(item, f"{path}/{key}", depth + 1)
