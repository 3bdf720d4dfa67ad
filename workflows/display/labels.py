"""What a person chooses from: fields by source, operators by type, events by category."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.models import Event
from stripeflow.triggers.types import registry
from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Operator, ValueKind
from stripeflow.workflows.definition.sources import Picked, Source, own_id_label
from stripeflow.workflows.definition.typing import ItemKnown, Known
from stripeflow.workflows.references import FILTERS, format_path, type_given, types_of

# What a nested field's label is joined with, and where the fields of an object below it stand.
SEPARATOR = " › "

Choices = list[tuple[str, Any]]


@dataclass(frozen=True)
class Option:
    """A field that can be chosen: its whole path, its label within the group, and its type."""

    path: str
    label: str
    type: str
    enum: tuple[str, ...] = ()
    help_text: str = ""


@dataclass(frozen=True)
class OptionGroup:
    """The options of one source: the trigger's object, an earlier step, the event, or a list's item."""

    label: str
    options: tuple[Option, ...]


def field_groups(finder: Known | ItemKnown, *, texts: bool = False) -> tuple[OptionGroup, ...]:
    """Every field that can be chosen here, down to two levels, by source; `texts`: to be put into a text."""
    if isinstance(finder, ItemKnown):
        return (*_item_group(finder), *field_groups(finder.known, texts=texts))
    offered = [
        source
        for source in finder.sources
        if source.picked is Picked.EVERYWHERE or (source.picked is Picked.TEXTS and texts)
    ]
    groups = [OptionGroup(source.label, tuple(_source_options(source))) for source in offered]
    groups += [
        OptionGroup(_from_events(source.label), tuple(_received(source, source.path, source.below)))
        for source in offered
    ]
    return tuple(group for group in groups if group.options)


def paths_of(groups: Iterable[OptionGroup]) -> frozenset[str]:
    """The paths of every option."""
    return frozenset(option.path for group in groups for option in group.options)


def field_choices(groups: Iterable[OptionGroup]) -> Choices:
    """The same as choices of a select."""
    return [
        ("", _("Choose a field")),
        *((group.label, [(option.path, option.label) for option in group.options]) for group in groups),
    ]


def value_data(finder: Known | ItemKnown) -> dict[str, Any]:
    """What a page's script knows of references: the fields to choose from, and the filters of each type."""
    return {
        "groups": [
            [group.label, [[option.path, option.label, option.type] for option in group.options]]
            for group in field_groups(finder, texts=True)
        ],
        "filters": [
            {
                "key": entry.key,
                "label": str(entry.label),
                "help": str(entry.help_text),
                "types": sorted(types_of(entry)),
                "gives": type_given(entry),
                "arguments": [
                    {"label": str(one.label), "kind": one.kind, "required": one.required}
                    for one in entry.arguments
                ],
            }
            for entry in FILTERS.values()
        ],
    }


def operator_choices() -> Choices:
    """Every operator, grouped by what it asks of."""
    headings = {
        "order": _("Amounts and numbers"),
        "time": _("Dates"),
        "truth": _("Yes or no"),
        "same": _("Equal or not"),
        "text": _("Texts and lists"),
        "change": _("Changes"),
        "content": _("With or without a value"),
    }
    groups: dict[str, list[tuple[str, str]]] = {key: [] for key in headings}
    for operator in conditions.OPERATORS.values():
        groups[_operator_group(operator)].append((operator.key, str(operator.label)))
    return [("", _("Choose how to compare")), *((headings[key], found) for key, found in groups.items())]


def event_label(event: Event) -> str:
    """What people call an event: "Charge refunded"."""
    return topic_label(event.source, event.type)


def event_category(event: Event) -> str:
    """The heading of such events, or ""."""
    found = registry.of_source(event.source)
    return found.category(found.topic_of(event.type)) if found and event.type else ""


def topic_label(source: str, topic: str) -> str:
    """The same by the columns of an event."""
    found = registry.of_source(source)
    return found.describe_topic(found.topic_of(topic)) if found else topic


def _operator_group(operator: Operator) -> str:
    """Where an operator stands in the list."""
    types = operator.types
    if operator.asks_earlier:
        return "change"
    if operator.value_kind is ValueKind.NONE and "object" in types:
        return "content"
    if "money" in types:
        return "same" if "string" in types else "order"
    if "integer" in types:
        return "same"
    if "string" in types:
        return "text"
    return "time" if "timestamp" in types else "truth"


def _item_group(finder: ItemKnown) -> Iterator[OptionGroup]:
    itself = finder.find("item")
    source = finder.known.source_of(finder.list_path)
    if itself is None or source is None:
        return
    below = f"{finder.list_path[len(source.path) + 1 :]}.*"
    options = tuple(_options(source.object, "item", below)) if source.object else ()
    if not options:
        enum = itself.field.enum if itself.field else ()
        options = (Option("item", _("The item itself"), itself.type, enum),)
    yield OptionGroup(_("Each item"), options)
    yield OptionGroup(_from_events(_("Each item")), tuple(_received(source, "item", below)))


def _source_options(source: Source) -> Iterator[Option]:
    if source.object is not None:
        yield from _options(source.object, source.path, source.below)
    for field in source.fields:
        yield _option(field, f"{source.path}.{field.path}", field.label)


def _from_events(label: str) -> str:
    return _("%s: only in your recent events") % label


def _received(source: Source, root: str, below: str = "") -> Iterator[Option]:
    """The fields that recent events had below a path and Stripe's SDK does not list, down to two levels."""
    recent = source.recent()
    for field in recent.children(below):
        name = field.path[len(below) + 1 :] if below else field.path
        listed = source.listed(field.path)
        if listed is None or listed.until:
            yield _option(listed or field, format_path((root, name)), (listed or field).label)
        if (listed or field).type == FieldType.OBJECT:
            for child in recent.children(field.path):
                known = source.listed(child.path)
                if known is None or known.until:
                    path = format_path((root, name, child.name))
                    yield _option(known or child, path, f"{field.label}{SEPARATOR}{(known or child).label}")


def _options(object_name: str, root: str, below: str = "") -> Iterator[Option]:
    for option in _relative(object_name, below):
        yield Option(f"{root}.{option.path}", option.label, option.type, option.enum, option.help_text)


@lru_cache(maxsize=256)
def _relative(object_name: str, below: str) -> tuple[Option, ...]:
    """The fields below a path, and those one level further down, with paths from there."""
    found = []
    for field in catalogue.children(object_name, below):
        is_own_id = field.path == "id"
        found.append(_option(field, field.name, own_id_label(object_name) if is_own_id else field.label))
        if field.type == FieldType.OBJECT and field.has_children:
            found += [
                _option(child, f"{field.name}.{child.name}", f"{field.label}{SEPARATOR}{child.label}")
                for child in catalogue.children(object_name, field.path)
            ]
    return tuple(found)


def _option(field: Field, path: str, label: str) -> Option:
    return Option(path, label, str(field.type), field.enum, field.help_text)
