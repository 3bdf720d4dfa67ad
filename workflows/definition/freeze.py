"""The last step before a version: what evaluation needs to know of each test is written beside it.

A test keeps its field's type and the path of its currency, so that a later version of the catalogue
cannot change what an active workflow does, and so that evaluating needs no catalogue.
"""

from copy import deepcopy
from typing import Any, Protocol

from stripeflow.workflows import conditions
from stripeflow.workflows.definition.typing import Found, Known
from stripeflow.workflows.definition.walk import Json, steps

_FROZEN = frozenset(
    {"type", "currency_field", "currency", "value_type", "value_currency_field", "value_currency"}
)


class Finder(Protocol):
    """What is known at one place: `Known`, or `ItemKnown` inside conditions on a list's items."""

    def find(self, path: str) -> Found | None: ...

    def named(self, path: str) -> str: ...

    def unknown(self, path: str) -> str: ...

    def item_finder(self, list_path: str) -> "Finder": ...


def freeze(document: Json) -> Json:
    """A copy of a valid `document` whose tests carry `type` and `currency_field`."""
    frozen = deepcopy(document)
    event_type = frozen["trigger"]["event_type"]
    if group := frozen["trigger"].get("conditions"):
        _group(group, Known(event_type))
    for place in steps(frozen):
        known = Known.at(event_type, place)
        for branch in place.step.get("branches", ()):
            if group := branch.get("conditions"):
                _group(group, known)
    return frozen


def typed_conditions(group: Json, finder: Finder) -> Json:
    """A copy of one condition group with its types filled in."""
    copy = deepcopy(group)
    _group(copy, finder)
    return copy


def thaw(document: Json) -> Json:
    """A copy without what `freeze` added: the document as its rows give it."""
    return _without_types(deepcopy(document))


def _group(group: Json, finder: Finder) -> None:
    for condition in group["conditions"]:
        if "field" in condition:
            found = finder.find(condition["field"])
            condition["type"] = _type(condition, found) if found else None
            condition["currency_field"] = found.currency_field if found else None
            if found and found.currency:
                condition["currency"] = found.currency
            _other_field(condition, finder)
        if "conditions" in condition:
            inner = finder
            if "quantifier" in condition:
                inner = finder.item_finder(condition["field"])
            _group(condition, inner)


def _type(condition: Json, found: Found) -> str:
    if condition.get("operator", "") not in conditions.OPERATORS:
        return found.type
    test = conditions.Test(
        condition["field"], condition["operator"], condition.get("value"), read_as=condition.get("as")
    )
    return conditions.type_of_test(test, found)


def _other_field(condition: Json, finder: Finder) -> None:
    """What has to be known of the field that a test's value is."""
    try:
        other = conditions.field_in(condition.get("value"))
    except conditions.ValueFault:
        return
    found = finder.find(other.field) if other else None
    if found:
        condition["value_type"] = found.type
        condition["value_currency_field"] = found.currency_field
        if found.currency:
            condition["value_currency"] = found.currency


def _without_types(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    drop = _FROZEN if "field" in value and "currency_field" in value else frozenset()
    return {key: _without_types(item) for key, item in value.items() if key not in drop}
