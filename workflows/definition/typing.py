"""What is known about a path at a step before anything has run: the static side of references.

`Known.field("trigger.amount")` asks the catalogue about the trigger's object, and
`Known.field("steps.retrieve_charge.amount")` about the object that an earlier action gives. In the error
branch of a step `steps.<its key>.error` is known.
"""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

import actions.registry
from actions.base import Action
from triggers import catalogue
from triggers.catalogue import Field, FieldType
from workflows.definition.walk import Json, Place
from workflows.references import TemplateError, parse_path


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
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Known:
    """The roots that a reference may use at one step of a workflow."""

    event_type: str
    before: tuple[Json, ...] = ()
    failed: tuple[Json, ...] = ()

    @classmethod
    def at(cls, event_type: str, place: Place) -> "Known":
        """What is known at a step of a document."""
        return cls(event_type, place.before, place.failed)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The roots, in the order in which a picker shows them."""
        roots = (
            [Source("trigger", _label(self.trigger_object), self.trigger_object)]
            if self.trigger_object
            else []
        )
        roots += [_step_source(step) for step in self.before]
        roots += [_error_source(step) for step in self.failed]
        return (*roots, Source("event", _("Event"), None, catalogue.envelope_fields()))

    @cached_property
    def trigger_object(self) -> str | None:
        try:
            return catalogue.event_type(self.event_type).object
        except catalogue.UnknownEventType:
            return None

    @cached_property
    def tracks_changes(self) -> bool:
        """Whether the trigger's event says what its object held before."""
        try:
            return catalogue.event_type(self.event_type).has_previous_attributes
        except catalogue.UnknownEventType:
            return False

    def source_of(self, path: str) -> Source | None:
        """The root that `path` starts with."""
        for source in self.sources:
            if path == source.path or path.startswith(f"{source.path}."):
                return source
        return None

    def find(self, path: str) -> Found | None:
        """The typed field at `path`, or None if no such path is known here."""
        dotted = _dotted(path)
        source = self.source_of(dotted)
        if source is None or dotted == source.path:
            return None
        rest = dotted[len(source.path) + 1 :]
        if source.object is not None:
            field = _catalogue_field(source.object, rest)
        else:
            field = next((field for field in source.fields if field.path == rest), None)
        return None if field is None else _found(source, path, field)

    def item_finder(self, list_path: str) -> "ItemKnown":
        """What `item.…` means inside conditions on the list at `list_path`."""
        return ItemKnown(self, list_path)


@dataclass(frozen=True)
class ItemKnown:
    """What conditions on the items of the list at `list_path` know: `item.…`, and all that `known` does."""

    known: Known
    list_path: str

    def find(self, path: str) -> Found | None:
        """The typed field at `path`, or None if no such path is known here."""
        dotted = _dotted(path)
        if dotted != "item" and not dotted.startswith("item."):
            return self.known.find(path)
        source = self.known.source_of(self.list_path)
        if source is None or source.object is None:
            return None
        below = self.list_path[len(source.path) + 1 :]
        field = catalogue.item_field(source.object, below, dotted[5:])
        if field is None:
            return None
        root = source.path if field.currency_from_object else "item"
        label = str(_("Item")) if dotted == "item" else f"{_('Item')} › {field.label}"
        return Found(path, label, str(field.type), field, _currency_field(field, root))

    def item_finder(self, list_path: str) -> "ItemKnown":
        """What `item.…` means inside conditions on a list that each item holds."""
        below = list_path.removeprefix("item.")
        return ItemKnown(self.known, f"{self.list_path}.*.{below}" if below != list_path else list_path)


def _dotted(path: str) -> str:
    """A path as the catalogue reads it. Its own names have no dots; the name of a metadata key is free."""
    try:
        return ".".join(str(part).replace(".", "_") for part in parse_path(path))
    except TemplateError:
        return path


def _found(source: Source, path: str, field: Field) -> Found:
    return Found(path, label_of(source, field), str(field.type), field, _currency_field(field, source.path))


def label_of(source: Source, field: Field) -> str:
    """How people read a field of a root: "Payment intent › Amount", "Retrieve the charge › Amount"."""
    if source.object is None:
        return f"{source.label} › {field.label}"
    if field.path == "id":
        return f"{source.label} › {own_id_label(source.object)}"
    below = catalogue.field_label_path(source.object, field.path).removeprefix(_label(source.object))
    return f"{source.label}{below}"


def own_id_label(object_name: str) -> str:
    """What an object's own ID is called where others' stand beside it: "Charge ID"."""
    return f"{_label(object_name)} ID"


def _catalogue_field(object_name: str, path: str) -> Field | None:
    try:
        return catalogue.field(object_name, path)
    except catalogue.UnknownObject:  # an action may name an object that this `stripe` does not have
        return None


def _currency_field(field: Field, root: str) -> str | None:
    return f"{root}.{field.currency_path}" if field.currency_path else None


def _label(object_name: str) -> str:
    return str(catalogue.object_label(object_name))


def _step_source(step: Json) -> Source:
    action = actions.registry.find(step["action"])
    path = f"steps.{step['key']}"
    if action is None:
        return Source(path, _step_label(step), None)
    return Source(path, _step_label(step), action.outputs.object, _output_fields(action))


def _error_source(step: Json) -> Source:
    fields = (
        Field(name="message", path="message", label=_("Message"), type=FieldType.STRING),
        Field(name="code", path="code", label=_("Code"), type=FieldType.STRING),
    )
    return Source(f"steps.{step['key']}.error", _("Error of “%s”") % _step_label(step), None, fields)


def _step_label(step: Json) -> str:
    action = actions.registry.find(step["action"])
    return step.get("name") or (str(action.label) if action else step["key"])


def _output_fields(action: Action) -> tuple[Field, ...]:
    return tuple(
        Field(name=output.name, path=output.name, label=str(output.label), type=FieldType(output.type))
        for output in action.outputs.fields
    )
