"""The roots of paths: the fields of the trigger, the event and earlier steps, listed or only possible."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.recent import Recent
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.doubts import doubt_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import step_title

_WITH_INSIDE = frozenset({FieldType.ANY, FieldType.OBJECT, FieldType.METADATA, FieldType.LIST})


class Picked(StrEnum):
    """Where a person may pick from a source: in conditions and texts, in texts only, or nowhere."""

    EVERYWHERE = "everywhere"
    TEXTS = "texts"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Source:
    """A root that a person can pick values from: the trigger, the event, or an earlier step.

    Its fields are those of `object`, and `fields`; those of the object `beyond` are known, and not offered.
    `is_open`: it holds what Stripe sends, so that there may be more than is listed. `recent` is what recent
    events held there, if it `has_events`. `phrase` is a text with a place for the field's label.
    `picked` says where a picker offers it. With `below` the root stands at that place in its object
    ("lines.data.*"), of which amounts may have the currency: that object stands at `outer`. Of what `is_free`
    nothing is known, so that every path may exist.
    """

    path: str
    label: str
    object: str | None
    fields: tuple[Field, ...] = ()
    beyond: str | None = None
    is_open: bool = False
    has_events: bool = False
    recent: Callable[[], Recent] = Recent
    phrase: str = ""
    picked: Picked = Picked.EVERYWHERE
    below: str = ""
    outer: str = ""
    is_free: bool = False

    @property
    def described(self) -> str | None:
        """The object of the catalogue that describes what lies below this root."""
        return self.object or self.beyond

    def listed(self, path: str) -> Field | None:
        """The field at a path below this root that the catalogue, or the action, declares."""
        if self.below:
            found = self._whole.listed(f"{self.below}.{path}")
            return found and catalogue.from_item(found, start=self.below)
        declared = next((field for field in self.fields if field.path == path), None)
        return declared or (_catalogue_field(self.described, path) if self.described else None)

    def children(self, path: str) -> tuple[Field, ...]:
        """What is declared one level below a path."""
        if self.below:
            inside = self._whole.children(f"{self.below}.{path}" if path else self.below)
            return tuple(catalogue.from_item(one, start=self.below) for one in inside)
        if self.described is None:
            return () if path else self.fields
        try:
            return (*self.fields, *catalogue.children(self.described, path))
        except catalogue.UnknownObject:
            return self.fields

    def look_up(self, path: str) -> tuple[Field, str] | None:
        """The field at a path below this root, and the doubt whether it is there; None if it cannot be."""
        if self.is_free:
            return _any(path), ""
        if self.below:
            found = self._whole.look_up(f"{self.below}.{path}")
            return found and (catalogue.from_item(found[0], start=self.below), found[1])
        field = self.listed(path)
        if field is not None and not field.until:
            return field, ""
        if not self.is_open:
            return self._inside(path)
        seen = self.recent().field(path)
        name = path.rpartition(".")[2]
        unknown = Field(name=name, path=path, label=name, type=FieldType.ANY, nullable=True, optional=True)
        return field or seen or unknown, doubt_of(self, path, field)

    def _inside(self, path: str) -> tuple[Field, str] | None:
        """A field inside a declared one whose own fields are not declared."""
        parts = path.split(".")
        above = (self.listed(".".join(parts[:depth])) for depth in range(len(parts) - 1, 0, -1))
        if not any(field is not None and field.type in _WITH_INSIDE for field in above):
            return None
        return _any(path), ""

    def itself(self) -> Field | None:
        """The field at which the root stands in its object."""
        return self._whole.listed(self.below) if self.below else None

    @property
    def _whole(self) -> "Source":
        return replace(self, below="")


def _any(path: str) -> Field:
    name = path.rpartition(".")[2]
    return Field(name=name, path=path, label=name, type=FieldType.ANY, optional=True)


def label_of(source: Source, field: Field) -> str:
    """How people read a field of a root: "Payment intent › Amount", "Retrieve the charge › Amount"."""
    if source.object is None or source.below:
        return f"{source.label} › {field.label}"
    if field.path == "id":
        return f"{source.label} › {own_id_label(source.object)}"
    try:
        label = catalogue.field_label_path(source.object, field.path)
    except catalogue.UnknownObject:
        return f"{source.label} › {field.path}"
    return f"{source.label}{label.removeprefix(object_label(source.object))}"


def own_id_label(object_name: str) -> str:
    """The label of an object's own ID among the IDs of others: "Charge ID"."""
    return f"{object_label(object_name)} ID"


def _catalogue_field(object_name: str, path: str) -> Field | None:
    try:
        return catalogue.field(object_name, path)
    except catalogue.UnknownObject:  # an action may name an object that this `stripe` does not have
        return None


def object_label(object_name: str) -> str:
    """The name of an object of the catalogue, for people."""
    return str(catalogue.object_label(object_name))


def step_source(step: Json) -> Source:
    """What an earlier step gives."""
    action = kinds.of(step).declared(step)
    path = f"steps.{step['key']}"
    if action is None:
        return Source(path, step_title(step), None)
    gives = action.outputs.object
    return Source(path, step_title(step), gives, _output_fields(action), is_open=gives is not None)


def error_source(step: Json) -> Source:
    """What is known of a step that failed."""
    fields = (
        Field(name="message", path="message", label=_("Message"), type=FieldType.STRING),
        Field(name="code", path="code", label=_("Code"), type=FieldType.STRING),
    )
    return Source(f"steps.{step['key']}.error", _("Error of “%s”") % step_title(step), None, fields)


def _output_fields(action: Action) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=output.name.rpartition(".")[2],
            path=output.name,
            label=str(output.label),
            type=FieldType(output.type),
            currency_path=output.currency or None,
        )
        for output in action.outputs.fields
    )
