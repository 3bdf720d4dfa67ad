"""Typed fields: a node of the tree as a field of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.catalogue import docstrings, events, ids, labels, money, sdk, times, tree
from stripeflow.triggers.catalogue.merging import merged
from stripeflow.triggers.catalogue.model import Field, FieldType
from stripeflow.triggers.catalogue.shapes import Kind
from stripeflow.triggers.catalogue.tree import Node

# Paths in the event itself, with labels that say whose ID it is.
ENVELOPE = {
    "id": _("Event ID"),
    "type": _("Event type"),
    "created": _("Created at"),
    "livemode": _("Live mode"),
    "account": _("Account ID"),
    "api_version": _("API version"),
    "request.id": _("Request ID"),
    "request.idempotency_key": _("Idempotency key"),
}
_CACHED_PATHS = 8192
_PLAIN = {
    Kind.FLOAT: FieldType.DECIMAL,
    Kind.DECIMAL: FieldType.DECIMAL,
    Kind.BOOLEAN: FieldType.BOOLEAN,
    Kind.NESTED: FieldType.OBJECT,
    Kind.OBJECT: FieldType.OBJECT,
}


def object_names() -> tuple[str, ...]:
    """Every object of the installed SDK, and the catalogue's own "one of several" names, sorted."""
    return tuple(sorted({*sdk.object_classes(), *events.ONE_OF}))


@lru_cache(maxsize=_CACHED_PATHS)
def children(object_name: str, path: str) -> tuple[Field, ...]:
    """The fields one level below `path` (of a list: of its items, at "<path>.*.…").

    Empty for a field that has none, and for a path that does not exist. Raises UnknownObject.
    """
    below: dict[str, list[Field]] = {}
    parents = [inner for node in tree.resolve(object_name, path) for inner in _items_of(node)]
    for parent in parents:
        for child in tree.below(parent):
            below.setdefault(child.name, []).append(describe(child))
    return tuple(
        one if len(alike) == len(parents) else replace(one, optional=True)
        for alike in below.values()
        if (one := merged(alike))
    )


def _items_of(node: Node) -> tuple[Node, ...]:
    return tree.each(tree.item(node)) if node.type.kind is Kind.LIST else (node,)


def fields(object_name: str) -> tuple[Field, ...]:
    """The top-level fields of an object, in the SDK's order. Raises UnknownObject."""
    return children(object_name, "")


@lru_cache(maxsize=_CACHED_PATHS)
def field(object_name: str, path: str) -> Field | None:
    """The field at a dotted path, None if there is none. Raises UnknownObject.

    List indexes are numbers or `*` ("lines.data.0.amount"), keys of maps are free
    ("metadata.tier"), and what an ID would expand to is not followed. Where the object may be one of
    several, the field is what theirs have in common, with the values of all.
    """
    return merged([describe(node) for node in tree.resolve(object_name, path)]) if path else None


def item_fields(object_name: str, list_path: str, path: str = "") -> tuple[Field, ...]:
    """As `children`, for the items of the list at `list_path`, with paths from the item's root."""
    start = f"{list_path}.{tree.ANY_INDEX}"
    full = f"{start}.{path}" if path else start
    return tuple(from_item(one, start=start) for one in children(object_name, full))


def item_field(object_name: str, list_path: str, path: str = "") -> Field | None:
    """As `field`, for an item of the list at `list_path`; without `path` the item itself."""
    start = f"{list_path}.{tree.ANY_INDEX}"
    found = field(object_name, f"{start}.{path}" if path else start)
    return from_item(found, start=start) if found is not None else None


def from_item(found: Field, *, start: str) -> Field:
    """The same field with its paths from the root of a list's item at `start` ("lines.data.*")."""
    path = found.path[len(start) + 1 :]
    currency = found.currency_path
    if currency is None:
        return replace(found, path=path)
    if currency.startswith(f"{start}."):
        return replace(found, path=path, currency_path=currency[len(start) + 1 :])
    if tree.ANY_INDEX not in currency.split("."):
        return replace(found, path=path, currency_from_object=True)
    # The currency is in an outer list's item, which nothing inside the inner one can name.
    return replace(found, path=path, type=FieldType.INTEGER, currency_path=None)


def envelope_fields() -> tuple[Field, ...]:
    """The fields of an event itself that do not depend on its type."""
    return _envelope_in(get_language())


@cache
def _envelope_in(language: str | None) -> tuple[Field, ...]:
    """The same in the active language."""
    return tuple(replace(one, label=str(ENVELOPE[one.path])) for one in _envelope_fields())


@cache
def _envelope_fields() -> tuple[Field, ...]:
    found = (field("event", path) for path in ENVELOPE)
    return tuple(one for one in found if one is not None)


def describe(node: Node) -> Field:
    """The field that a node is."""
    base = Field(
        name=node.name,
        path=".".join(node.path),
        label=_label(node),
        type=FieldType.ANY,
        nullable=node.nullable,
        optional=node.optional,
        help_text=docstrings.clean(node.doc),
        until=node.until,
    )
    special = _SPECIAL.get(node.type.kind)
    if special:
        return special(base, node)
    return replace(base, type=_PLAIN.get(node.type.kind, FieldType.ANY), has_children=_has_children(node))


def _label(node: Node) -> str:
    if node.is_key:
        return node.name
    if node.is_item:
        return "Any item" if node.name == tree.ANY_INDEX else f"Item {int(node.name) + 1}"
    if node.in_list_object and node.name == "data":
        return "Items"
    return labels.humanize(node.name)


def _string(base: Field, node: Node) -> Field:
    of = ids.id_of(node.name, doc=node.doc, nested=len(node.own_path) > 1, owner=node.owner)
    if of is not None:
        return _id(base, node, of)
    values = docstrings.values(node.doc)
    if values:
        return replace(base, type=FieldType.ENUM, enum=values)
    return replace(base, type=FieldType.STRING)


def _integer(base: Field, node: Node) -> Field:
    if node.currency_key and (node.is_key or money.looks_like_money(node.own_path, doc=node.doc)):
        return replace(base, type=FieldType.MONEY, currency=node.currency_key)
    currency = _currency(node)
    if currency is not None:
        return replace(base, type=FieldType.MONEY, currency_path=".".join(currency))
    if times.is_time(node.name, doc=node.doc):
        return replace(base, type=FieldType.TIMESTAMP)
    return replace(base, type=FieldType.INTEGER, help_text=_with_units(base, node))


def _currency(node: Node) -> tree.Path | None:
    """The path, from the tree's root, of a money field's currency; None if it is not (surely) money."""
    own = money.other_currency(node.owner, node.own_path)
    if own is not None:
        return node.own_root + _same_indexes(own, node)
    in_nearest = money.is_in_nearest_currency(node.owner, node.own_path, doc=node.doc)
    return node.currency if in_nearest else None


def _same_indexes(path: tree.Path, node: Node) -> tree.Path:
    """A path from the owner's root with each `*` replaced by the index that the node's path has there."""
    actual = node.path[len(node.own_root) :]
    return tuple(actual[i] if part == tree.ANY_INDEX else part for i, part in enumerate(path))


def _with_units(base: Field, node: Node) -> str:
    says_so = docstrings.speaks_of_minor_units(node.doc)
    if says_so or not money.looks_like_money(node.own_path, doc=node.doc):
        return base.help_text
    return f"{base.help_text} In the currency's minor units.".strip()


def _literal(base: Field, node: Node) -> Field:
    return replace(base, type=FieldType.ENUM, enum=node.type.values)


def _expandable(base: Field, node: Node) -> Field:
    return _id(base, node, node.type.objects)


def _id(base: Field, node: Node, of: tuple[str, ...]) -> Field:
    label = base.label if node.is_item else labels.id_label(node.name)
    return replace(base, type=FieldType.ID, id_of=of, label=label)


def _list(base: Field, node: Node) -> Field:
    item = tree.item(node)
    described = merged([describe(one) for one in tree.each(item)])
    return replace(base, type=FieldType.LIST, item=described, has_children=_has_children(item))


def _map(base: Field, node: Node) -> Field:
    if node.type.item is not None and node.type.item.kind is Kind.STRING:
        return replace(base, type=FieldType.METADATA)
    value = tree.step(node, tree.ANY_INDEX)
    return replace(base, type=FieldType.OBJECT, item=describe(value) if value else None)


def _has_children(node: Node) -> bool:
    return next(tree.below(node), None) is not None


_SPECIAL: dict[Kind, Callable[[Field, Node], Field]] = {
    Kind.STRING: _string,
    Kind.INTEGER: _integer,
    Kind.LITERAL: _literal,
    Kind.EXPANDABLE: _expandable,
    Kind.LIST: _list,
    Kind.MAP: _map,
}
