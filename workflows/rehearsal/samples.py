"""Sample outputs of steps, without asking Stripe: from the catalogue, with known values put in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from stripeflow.actions.base import Action, OutputField
from stripeflow.actions.inputs import IdInput, MetadataInput, MoneyInput
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import FieldType
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope import TriggerScope
from stripeflow.workflows.definition.trigger import TriggerPlan


class Origin(StrEnum):
    """Where outputs come from: made up, from the event itself, or from another stored event."""

    SAMPLE = "sample"
    EVENT = "event"
    STORED = "stored"


@dataclass(frozen=True)
class Sampled:
    """The expected outputs of a step. `event` is the id of the stored event that held the object."""

    value: Json
    origin: Origin = Origin.SAMPLE
    event: str = ""


class Samples(Protocol):
    """Where the outputs of steps come from in a rehearsal."""

    def outputs(self, action: Action, inputs: Json, *, as_platform: bool = False) -> Sampled | None:
        """The expected outputs of `action` for these rendered inputs; None if they are unknown.

        `as_platform` says that the step acts as the platform, and not as the event's account.
        """


class NothingKnown:
    """For what the event alone decides: no step has outputs."""

    def outputs(self, action: Action, inputs: Json, *, as_platform: bool = False) -> Sampled | None:
        return None


class CatalogueSamples:
    """A sample object of the right type, with the requested id and the values that the step sets."""

    def outputs(self, action: Action, inputs: Json, *, as_platform: bool = False) -> Sampled | None:
        return Sampled(sample_outputs(action, inputs))


def sample_object(name: str | None) -> Json:
    """The catalogue's sample of an object; {} for one that this `stripe` does not have."""
    try:
        return catalogue.sample(name) if name else {}
    except catalogue.UnknownObject:
        return {}


def sample_event(trigger: TriggerPlan, topic: str = "") -> Json:
    """A sample event that starts it, of its first topic by default. Without a topic its object is {}."""
    topic = topic or next(iter(trigger.topics), "")
    known = trigger.kind if topic else None
    data = known.sample(trigger.settings, topic) if known else {"object": {}}
    return {**sample_object("event"), "id": "evt_sample", "type": topic, "data": data}


def sample_outputs(action: Action, inputs: Mapping[str, Any]) -> Json:
    """Sample outputs of `action`, with the values that its inputs set."""
    own = action.sample_outputs(inputs)
    return own if own is not None else overlaid(action, inputs, sample_object(action.outputs.object))


def sample_side(scope: TriggerScope) -> Json:
    """The mode and account of a sample event within the scope; our own account if the scope allows it."""
    account = {
        Accounts.CONNECTED: {"account": catalogue.sample_id("account")},
        Accounts.LISTED: {"account": next(iter(scope.listed), catalogue.sample_id("account"))},
    }
    return {"livemode": bool(scope.livemode), **account.get(scope.accounts, {})}


def asked_id(action: Action, inputs: Mapping[str, Any]) -> str:
    """The id of the object that the action gives, where its inputs name it; else ""."""
    for one in action.inputs:
        if isinstance(one, IdInput) and one.of == action.outputs.object:
            value = inputs.get(one.name)
            return value if isinstance(value, str) else ""
    return ""


def overlaid(action: Action, inputs: Mapping[str, Any], base: Json) -> Json:
    """`base` with the id that was asked for and the values that the inputs set on it, and plain outputs."""
    value = {**{one.name: _plain(one) for one in action.outputs.fields}, **base}
    if found := asked_id(action, inputs):
        value["id"] = found
    for one in action.inputs:
        given = inputs.get(one.name)
        if one.name not in base or one.is_empty(given):
            continue
        if isinstance(one, MoneyInput):
            value |= _amount(one.name, given)
        elif isinstance(one, MetadataInput):
            held = base[one.name]
            value[one.name] = {**(held if isinstance(held, dict) else {}), **_rows(given)}
        elif isinstance(given, str | int):
            value[one.name] = given
    return value


def _amount(name: str, given: Any) -> Json:
    if isinstance(given, dict):
        return {name: given.get("amount"), "currency": given.get("currency")}
    return {name: given}


def _rows(given: Any) -> dict[str, Any]:
    rows = given if isinstance(given, list) else []
    return {row["key"]: row.get("value") for row in rows if isinstance(row, dict) and "key" in row}


def _plain(one: OutputField) -> Any:
    kind = FieldType(one.type)
    return _VALUES.get(kind, str(one.label))


_VALUES: dict[FieldType, Any] = {
    FieldType.INTEGER: 1,
    FieldType.MONEY: 200_000,
    FieldType.DECIMAL: 1.0,
    FieldType.BOOLEAN: True,
    FieldType.TIMESTAMP: 1_767_225_600,
    FieldType.LIST: [],
    FieldType.OBJECT: {},
    FieldType.METADATA: {},
    FieldType.ANY: None,
}
