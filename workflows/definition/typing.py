"""What is known about a path at a step before anything has run: the static side of references.

`Known.field("trigger.amount")` asks the catalogue about the trigger's object, and
`Known.field("steps.retrieve_charge.amount")` about the object that an earlier action gives.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

import actions.registry
from triggers import catalogue
from triggers.catalogue import Field, FieldType
from workflows.definition.walk import Json


@dataclass(frozen=True)
class Found:
    """A path that exists: its field, and the path of its currency if it is money."""

    path: str
    label: str
    type: str
    field: Field | None = None
    currency_field: str | None = None

    @property
    def enum(self) -> tuple[str, ...]:
        return self.field.enum if self.field else ()


@dataclass(frozen=True)
class Source:
    """A root that a person can pick values from: the trigger, the event, or an earlier step."""

    path: str
    label: str
    object: str | None
    fields: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Known:
    """The roots that a reference may use at one step of a workflow."""

    event_type: str
    before: tuple[Json, ...] = ()

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The roots, in the order in which a picker shows them."""
        roots = (
            [Source("trigger", _label(self.trigger_object), self.trigger_object)]
            if self.trigger_object
            else []
        )
        roots += [_step_source(step) for step in self.before]
        return (*roots, Source("event", _("Event"), None, catalogue.envelope_fields()))

    @cached_property
    def trigger_object(self) -> str | None:
        try:
            return catalogue.event_type(self.event_type).object
        except catalogue.UnknownEventType:
            return None

    def source_of(self, path: str) -> Source | None:
        """The root that `path` starts with."""
        for source in self.sources:
            if path == source.path or path.startswith(f"{source.path}."):
                return source
        return None

    def find(self, path: str) -> Found | None:
        """The typed field at `path`, or None if no such path is known here."""
        source = self.source_of(path)
        if source is None or path == source.path:
            return None
        rest = path[len(source.path) + 1 :]
        if source.object is not None:
            found = catalogue.field(source.object, rest)
            return None if found is None else _found(source, path, found)
        for item in source.fields:
            if item.path == rest:
                return _found(source, path, item)
        return None

    def item_finder(self, list_path: str) -> "ItemKnown":
        """What `item.…` means inside conditions on the list at `list_path`."""
        return ItemKnown(self, list_path)


@dataclass(frozen=True)
class ItemKnown:
    """The fields of one item of a list: `item` is its first element for the catalogue."""

    known: Known
    list_path: str

    def find(self, path: str) -> Found | None:
        if path != "item" and not path.startswith("item."):
            return self.known.find(path)
        found = self.known.find(f"{self.list_path}.0{path[4:]}")
        if found is None:
            return None
        prefix = f"{self.list_path}.0"
        currency = found.currency_field
        if currency and currency.startswith(prefix):
            currency = f"item{currency[len(prefix) :]}"
        return Found(path, found.label, found.type, found.field, currency)


def _found(source: Source, path: str, field: Field) -> Found:
    currency = field.currency_path
    return Found(
        path,
        _label_of(source, field),
        str(field.type),
        field,
        f"{source.path}.{currency}" if currency and field.type == FieldType.MONEY else None,
    )


def _label_of(source: Source, field: Field) -> str:
    """ "Retrieve the charge › Billing details › E-mail"."""
    if source.object is None:
        return f"{source.label} › {field.label}"
    _object, *names = catalogue.field_label_path(source.object, field.path).split(" › ")
    return " › ".join([source.label, *names])


def _label(object_name: str) -> str:
    return str(catalogue.object_label(object_name))


def _step_source(step: Json) -> Source:
    action = actions.registry.find(step["action"])
    label = step.get("name") or (str(action.label) if action else step["key"])
    path = f"steps.{step['key']}"
    if action is None:
        return Source(path, label, None)
    return Source(path, label, action.outputs.object, _output_fields(action))


def _output_fields(action: Any) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=output.name,
            path=output.name,
            label=str(output.label),
            type=FieldType(output.type),
            nullable=False,
            optional=False,
            help_text="",
            enum=(),
            id_of=(),
            currency_path=None,
            item=None,
            has_children=False,
        )
        for output in action.outputs.fields
    )
