"""What is known about a path at a step before anything has run: the static side of references.

`Known.find("trigger.amount")` asks the catalogue about the trigger's object, and
`Known.find("steps.retrieve_charge.amount")` about the object that an earlier action gives. In the error
branch of a step `steps.<its key>.error` is known.

Stripe may send more than the catalogue lists. So a path that is not listed is found as well: with the type
that recent events show, else as any value, and with a `doubt` that says why it may be missing. Only the
outputs of our own code, such as the plain outputs of an action, are complete.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field
from stripeflow.triggers.types import DEFAULT_TYPE
from stripeflow.triggers.types.base import Carried
from stripeflow.workflows.definition import kinds, naming
from stripeflow.workflows.definition.lane import Json, Lane
from stripeflow.workflows.definition.sources import (
    Picked,
    Source,
    error_source,
    label_of,
    object_label,
    step_source,
)
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.walk import Place, Whole, first_by_key
from stripeflow.workflows.references import TemplateError, parse_path

# Where Stripe says what the changed fields held before the event.
PREVIOUS = "event.data.previous_attributes"


@dataclass(frozen=True)
class Found:
    """A path that may exist: its field, and the path of its currency if it is money.

    `doubt` is a sentence on why there may be nothing at the path, "" where Stripe's SDK has the field.
    """

    path: str
    label: str
    type: str
    field: Field | None = None
    currency_field: str | None = None
    doubt: str = ""

    @property
    def guessed(self) -> bool:
        """Whether the type is only what recent events show, so that another one may come."""
        return bool(self.doubt) and not (self.field and self.field.until)

    @property
    def currency(self) -> str | None:
        """The currency of an amount, where it is the key of a map by currency."""
        return self.field.currency if self.field else None

    @property
    def optional(self) -> bool:
        """Whether Stripe may write null for it, or leave it out."""
        return self.field is not None and (self.field.nullable or self.field.optional)

    @property
    def enum(self) -> tuple[str, ...]:
        return self.field.enum if self.field else ()


@dataclass(frozen=True)
class Known:
    """The roots that a reference may use at one step of a workflow.

    Any of the events of the `trigger` may start the workflow, so that `trigger` is one of the objects that
    they carry. `whole` is the document, for the names of steps that are not known here. `loops` are the
    loops around the step, the outermost first. `canceled_by` is the type of an event that ends a run, where
    its conditions are asked.
    """

    trigger: TriggerPlan
    before: Iterable[Json] = ()
    failed: tuple[Json, ...] = ()
    whole: Whole | None = None
    loops: tuple[Json, ...] = ()
    canceled_by: str = ""

    @classmethod
    def at(cls, trigger: TriggerPlan, place: Place) -> "Known":
        """What is known at a step of a document."""
        return cls(trigger, place.before, place.failed, place.whole, place.loops)

    def in_lane(self, place: Place, lane: Lane) -> "Known":
        """What the conditions of a lane of the step at this place may refer to, where the step knows this."""
        if not lane.may_ask:
            return self
        return replace(self, before=place.before.then(kinds.of(place.step).seen_in(place.step, lane)))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The roots, in the order in which a picker shows them."""
        return (
            *self._item,
            *self._canceled_by,
            *self._trigger,
            *map(step_source, self.before),
            *map(error_source, self.failed),
            *self._inside_event,
            self._envelope,
        )

    def step(self, key: str) -> Json | None:
        """The step of this key, if it comes before on every path."""
        return self._before_by_key.get(key)

    @cached_property
    def _before_by_key(self) -> dict[str, Json]:
        return first_by_key(self.before)

    @cached_property
    def _steps_looked_up(self) -> dict[str, tuple[Source, ...]]:
        return {}

    @cached_property
    def trigger_object(self) -> str | None:
        """The catalogue's name of what the events carry ("charge|refund" for one of several)."""
        return self._carried.object if self._carried else None

    @cached_property
    def tracks_changes(self) -> bool:
        """Whether the trigger's event says what its object held before."""
        return self._carried is not None and self._carried.tracks_changes

    @cached_property
    def _carried(self) -> Carried | None:
        return self.trigger.known

    @cached_property
    def _trigger(self) -> tuple[Source, ...]:
        """The object that the event is about; nothing until somebody chooses the trigger's event."""
        found = self._carried
        if found is None:
            return ()
        whole = Source(
            "trigger",
            found.label,
            found.object,
            found.fields,
            is_open=found.is_open,
            has_events=True,
            recent=found.recent,
        )
        return (whole,)

    @cached_property
    def _inside_event(self) -> tuple[Source, ...]:
        """The same object by its place in the event, and what its fields held before the event."""
        earlier: dict[str, Any] = {
            "phrase": _("%s before the change"),
            "picked": Picked.TEXTS if self.tracks_changes else Picked.NOWHERE,
        }
        return tuple(
            found
            for whole in self._trigger
            for found in (
                replace(whole, path="event.data.object", picked=Picked.NOWHERE),
                replace(whole, path=PREVIOUS, label=_("Before the change"), **earlier),
            )
        )

    @cached_property
    def _envelope(self) -> Source:
        return Source("event", _("Event"), None, catalogue.envelope_fields(), beyond="event", is_open=True)

    def around(self, path: str) -> Iterator[Source]:
        """The roots that `path` is, or lies below. Looks at no other steps than the one it names."""
        root, _dot, rest = path.partition(".")
        near = self._of_step(rest.partition(".")[0]) if root == "steps" else self._of_event
        return (source for source in near if f"{path}.".startswith(f"{source.path}."))

    @cached_property
    def _of_event(self) -> tuple[Source, ...]:
        return (*self._item, *self._canceled_by, *self._trigger, *self._inside_event, self._envelope)

    @cached_property
    def _canceled_by(self) -> tuple[Source, ...]:
        """The object of the event that would end the run."""
        if not self.canceled_by:
            return ()
        trigger = TriggerPlan(DEFAULT_TYPE, {"event_type": self.canceled_by})
        inside = Known(trigger)._trigger
        return tuple(replace(one, path="canceled_by", label=trigger.label) for one in inside)

    @cached_property
    def _item(self) -> tuple[Source, ...]:
        """The item of the loop that the step stands in, of the innermost one."""
        if not self.loops:
            return ()
        *outer, step = self.loops
        block = kinds.of(step)
        if name := block.item_object(step):
            return (Source("item", object_label(name), name, is_open=True),)
        around = replace(self, loops=tuple(outer))
        return (_item_source(around, around.list_at(block.list_path(step))),)

    def list_at(self, path: str) -> str:
        """The path of the items of a list: of one of Stripe's list objects, that of its data. "" for none."""
        found = self.find(path) if path else None
        if found is None or found.type == "list":
            return path
        inside = self.find(f"{path}.data")
        return f"{path}.data" if found.type == "object" and inside and inside.type == "list" else path

    def _of_step(self, key: str) -> tuple[Source, ...]:
        """The roots of the step of this key: what it gave, or its error."""
        if key not in self._steps_looked_up:
            step = self.step(key)
            failed = [error_source(one) for one in self.failed if one["key"] == key]
            self._steps_looked_up[key] = (*([step_source(step)] if step else []), *failed)
        return self._steps_looked_up[key]

    def source_of(self, path: str) -> Source | None:
        """The root that `path` starts with."""
        return next(self.around(path), None)

    def find(self, path: str) -> Found | None:
        """The typed field at `path`, with a doubt if it is not listed; None if it cannot exist."""
        dotted = _dotted(path)
        if dotted == "item":
            return next((_whole_item(one) for one in self._item), None)
        source = next((one for one in self.around(dotted) if one.path != dotted), None)
        if source is None:
            return None
        found = source.look_up(dotted[len(source.path) + 1 :])
        return None if found is None else _found(source, path, *found)

    def named(self, path: str) -> str:
        """What people call the value at `path`, also where nothing is known of it."""
        return naming.named(path, self)

    def unknown(self, path: str) -> str:
        """Why nothing is known at `path`, and what to do."""
        return naming.unknown(path, self)

    def item_finder(self, list_path: str) -> "ItemKnown":
        """What `item.…` means inside conditions on the list at `list_path`."""
        return ItemKnown(self, _dotted(list_path))


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
        list_path = _dotted(self.list_path)
        source = self.known.source_of(list_path)
        if source is None:
            return None
        start = f"{list_path[len(source.path) + 1 :]}.*"
        found = source.look_up(f"{start}{dotted[4:]}")
        if found is None:
            return None
        field, doubt = catalogue.from_item(found[0], start=start), found[1]
        root = source.path if field.currency_from_object else "item"
        label = str(_("Item")) if dotted == "item" else f"{_('Item')} › {field.label}"
        return Found(path, label, str(field.type), field, _currency_field(field, root), doubt)

    def named(self, path: str) -> str:
        """What people call the value at `path`, also where nothing is known of it."""
        found = self.find(path)
        return found.label if found else self.known.named(path)

    def unknown(self, path: str) -> str:
        """Why nothing is known at `path`, and what to do."""
        return self.known.unknown(path)

    def item_finder(self, list_path: str) -> "ItemKnown":
        """What `item.…` means inside conditions on a list that each item holds."""
        dotted = _dotted(list_path)
        below = dotted.removeprefix("item.")
        return ItemKnown(self.known, f"{self.list_path}.*.{below}" if below != dotted else dotted)


def _dotted(path: str) -> str:
    """A path as the catalogue reads it. Its own names have no dots; the name of a metadata key is free."""
    try:
        return ".".join(str(part).replace(".", "_") for part in parse_path(path))
    except TemplateError:
        return path


def _found(source: Source, path: str, field: Field, doubt: str) -> Found:
    label = (
        source.phrase % label_of(source, field).removeprefix(f"{source.label} › ") if source.phrase else ""
    )
    # An amount before the change is in the currency of today.
    root = "trigger" if source.path == PREVIOUS else source.path
    if source.outer and field.currency_from_object:
        root = source.outer
    currency = _currency_field(field, root)
    return Found(path, label or label_of(source, field), str(field.type), field, currency, doubt)


def _item_source(known: Known, list_path: str) -> Source:
    """What is known of the items of a list, as the root `item`."""
    label, dotted = _("Item"), _dotted(list_path) if list_path else ""
    source = known.source_of(dotted) if dotted else None
    inside = dotted[len(source.path) + 1 :] if source else ""
    if source is None or not inside or source.object is None or source.listed(inside) is None:
        return Source("item", label, None, is_free=True)
    below = ".".join(filter(None, [source.below, inside, "*"]))
    return replace(source, path="item", label=label, below=below, outer=source.outer or source.path)


def _whole_item(source: Source) -> Found:
    field = source.itself()
    found = "object" if source.object and not source.below else "any"
    return Found("item", source.label, str(field.type) if field else found, field)


def _currency_field(field: Field, root: str) -> str | None:
    return f"{root}.{field.currency_path}" if field.currency_path else None
