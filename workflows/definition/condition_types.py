"""The types that conditions are evaluated by, found in the catalogue when a workflow is activated.

A version keeps these types beside its document, so that a later version of the catalogue cannot change what
an active workflow does, and so that evaluating needs no catalogue.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Types
from stripeflow.workflows.definition.cancel_when import cancel_events, known_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Found, Known
from stripeflow.workflows.definition.walk import Place, steps


class Finder(Protocol):
    """What is known at one place: `Known`, or `ItemKnown` inside conditions on a list's items."""

    def find(self, path: str) -> Found | None: ...

    def named(self, path: str) -> str: ...

    def unknown(self, path: str) -> str: ...

    def item_finder(self, list_path: str) -> "Finder": ...


def types_of(document: Json) -> Types:
    """The types of every condition of a document, by the condition's JSON pointer."""
    trigger = TriggerPlan.of(document["trigger"])
    places = ((place, Known.at(trigger, place)) for place in steps(document))
    return types_at(document, Known(trigger), places)


def types_at(document: Json, trigger: Known, places: Iterable[tuple[Place, Known]]) -> Types:
    """The same, where what is known at the trigger and at each step is at hand."""
    found = dict(_in_group(document["trigger"].get("conditions"), trigger, "/trigger/conditions"))
    for one in cancel_events(document["trigger"]):
        found.update(_in_group(one.conditions, known_of(one, trigger.trigger), f"{one.path}/conditions"))
    for place, known in places:
        for lane in lanes(place.step):
            path = f"{place.path}/{lane.path}/conditions"
            found.update(_in_group(lane.own.get("conditions"), known.in_lane(place, lane), path))
    return found


def types_in(group: Json, finder: Finder) -> Types:
    """The types of the conditions of one group, by their JSON pointers below it."""
    return dict(_in_group(group, finder, ""))


def typed_group(group: Json, finder: Finder) -> conditions.Group:
    """One condition group, read with the types of today. Raises `ConditionError`."""
    return conditions.load(group, types_in(group, finder))


def _in_group(group: Json | None, finder: Finder, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    for index, condition in enumerate(group["conditions"] if group else ()):
        here = f"{path}/conditions/{index}"
        if "field" in condition and (types := dict(_of(condition, finder))):
            yield here, types
        if "conditions" in condition:
            inner = finder
            if "quantifier" in condition:
                inner = finder.item_finder(condition["field"])
            yield from _in_group(condition, inner, here)


def _of(condition: Json, finder: Finder) -> Iterator[tuple[str, str]]:
    """The types of one condition: of its field, and of the field that its value is."""
    if found := finder.find(condition["field"]):
        yield "type", _type(condition, found)
        yield from _currency(found, "")
    if other := _other_field(condition, finder):
        yield "value_type", other.type
        yield from _currency(other, "value_")


def _type(condition: Json, found: Found) -> str:
    if condition.get("operator", "") not in conditions.OPERATORS:
        return found.type
    test = conditions.Test(
        condition["field"], condition["operator"], condition.get("value"), read_as=condition.get("as")
    )
    return conditions.type_of_test(test, found)


def _currency(found: Found, prefix: str) -> Iterator[tuple[str, str]]:
    """Where the currency of an amount stands, or the currency itself."""
    if found.currency_field:
        yield f"{prefix}currency_field", found.currency_field
    if found.currency:
        yield f"{prefix}currency", found.currency


def _other_field(condition: Json, finder: Finder) -> Found | None:
    try:
        other = conditions.field_in(condition.get("value"))
    except conditions.ValueFault:
        return None
    return finder.find(other.field) if other else None
