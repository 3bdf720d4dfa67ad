"""The objects as a tree that is walked lazily: a node knows its place, its type and its currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from stripeflow.triggers.catalogue import events, money, older, sdk
from stripeflow.triggers.catalogue.model import UnknownObject
from stripeflow.triggers.catalogue.shapes import LIST_OF, Attribute, Kind, TypeRef, list_type, object_shape

ANY_INDEX = "*"
_INDEX = re.compile(r"\*|[0-9]{1,9}")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A place in an object.

    `owner` is the innermost object with a name of its own; `own_path` is the path from its root with
    `*` for indexes and free keys, `path` the path from the tree's root as asked for. `currency` is the
    path, from the tree's root, of the nearest `currency` in scope. `is_item`: the name is a list's index;
    `is_key`: it is a map's key.
    """

    name: str
    type: TypeRef
    owner: str
    path: Path = ()
    own_path: Path = ()
    doc: str = ""
    nullable: bool = False
    optional: bool = False
    currency: Path | None = None
    in_list_object: bool = False
    is_item: bool = False
    is_key: bool = False
    # The currency that a key above is, which all amounts below it are in; "" where none is.
    currency_key: str = ""
    # The API version that took the attribute, or one above it, away; "" if the SDK's has it.
    until: str = ""

    @property
    def own_root(self) -> Path:
        """The path of the owner's root from the tree's root."""
        return self.path[: len(self.path) - len(self.own_path)]


def root(object_name: str) -> Node:
    """The node of a whole object, or of a list of them ("list:invoice"). Raises UnknownObject."""
    if object_name.startswith(LIST_OF):
        inner = root(object_name.removeprefix(LIST_OF))
        return Node(name="", type=list_type(inner.type.objects[0]), owner=object_name)
    names = events.one_of(object_name)
    if not all(name in sdk.object_classes() for name in names):
        raise UnknownObject(object_name)
    return _in_scope(Node(name="", type=TypeRef(Kind.OBJECT, objects=names), owner=names[0]))


def resolve(object_name: str, path: str) -> tuple[Node, ...]:
    """The nodes at a dotted path: none if there is nothing, several where it may be in several objects.

    Those that not all of the objects have are optional. Raises UnknownObject.
    """
    found = each(root(object_name))
    for segment in path.split(".") if path else ():
        found = steps(found, segment)
    return found


def steps(nodes: tuple[Node, ...], segment: str) -> tuple[Node, ...]:
    """The nodes one segment below those that have it."""
    below = [step(node, segment) for node in nodes]
    found = tuple(inner for node in below if node is not None for inner in each(node))
    return tuple(replace(node, optional=True) for node in found) if None in below else found


def each(node: Node) -> tuple[Node, ...]:
    """A node once for each of the objects that may stand there."""
    if len(node.type.objects) < 2 or node.type.kind is not Kind.OBJECT:
        return (node,)
    types = (replace(node.type, objects=(name,)) for name in node.type.objects)
    return tuple(_in_scope(replace(node, type=one)) for one in types)


def step(node: Node, segment: str) -> Node | None:
    """The node one segment below: an attribute, a list's index (or `*`), or a map's key."""
    if node.type.kind is Kind.LIST:
        return item(node, segment) if _INDEX.fullmatch(segment) else None
    if node.type.kind is Kind.MAP:
        return _map_value(node, segment) if segment else None
    attribute = _attributes(node.type).get(segment)
    return _attribute_node(node, *attribute) if attribute else None


def below(node: Node) -> Iterator[Node]:
    """The nodes one level below a node with named attributes, without those of older API versions."""
    for attribute, owner, everywhere in _attributes(node.type).values():
        if not attribute.until:
            yield _attribute_node(node, attribute, owner, everywhere)


def item(node: Node, segment: str = ANY_INDEX) -> Node:
    """The node of a list's items."""
    return _in_scope(
        replace(
            node,
            name=segment,
            type=cast(TypeRef, node.type.item),
            path=(*node.path, segment),
            own_path=(*node.own_path, ANY_INDEX),
            doc="",
            nullable=False,
            optional=True,
            in_list_object=False,
            is_item=True,
            is_key=False,
        )
    )


def _map_value(node: Node, key: str) -> Node:
    # Keys are often currencies, so that no currency above counts for what lies below.
    values = replace(node, currency=None, type=TypeRef(Kind.LIST, item=node.type.item))
    code = money.currency_of_key(node.own_path, key)
    return replace(item(values, key), is_item=False, is_key=True, currency_key=code)


def _attribute_node(parent: Node, attribute: Attribute, owner: str, everywhere: bool) -> Node:
    fresh = parent.type.kind is Kind.OBJECT
    node = Node(
        name=attribute.name,
        type=attribute.type,
        owner=owner if fresh else parent.owner,
        path=(*parent.path, attribute.name),
        own_path=(attribute.name,) if fresh else (*parent.own_path, attribute.name),
        doc=attribute.doc,
        nullable=attribute.nullable,
        optional=attribute.nullable or parent.optional or not everywhere,
        currency=parent.currency,
        currency_key=parent.currency_key,
        in_list_object=parent.type.shape is not None and parent.type.shape.list_object,
        until=attribute.until or parent.until,
    )
    return _in_scope(node)


def _in_scope(node: Node) -> Node:
    """The node with the currency that counts for what is inside it."""
    if node.type.kind is Kind.OBJECT and not set(node.type.objects) <= money.PARTS:
        node = replace(node, currency=None, currency_key="")
    beside = _attributes(node.type).get("currency")
    if beside and beside[0].type.kind in (Kind.STRING, Kind.LITERAL):
        return replace(node, currency=(*node.path, "currency"))
    return node


def _attributes(type_ref: TypeRef) -> dict[str, tuple[Attribute, str, bool]]:
    if type_ref.kind is Kind.OBJECT:
        return _merged(type_ref.objects)
    if type_ref.kind is Kind.NESTED and type_ref.shape is not None:
        return {name: (one, "", True) for name, one in type_ref.shape.attributes.items()}
    return {}


@cache
def _merged(objects: tuple[str, ...]) -> dict[str, tuple[Attribute, str, bool]]:
    """Attributes by name with the object that has them and whether every one of `objects` has."""
    known = {owner: _with_older(owner) for owner in objects}
    merged: dict[str, tuple[Attribute, str, bool]] = {}
    for owner, attributes in known.items():
        for name, attribute in attributes.items():
            everywhere = all(name in others for others in known.values())
            merged.setdefault(name, (attribute, owner, everywhere))
    return merged


def _with_older(object_name: str) -> dict[str, Attribute]:
    """What the SDK annotates of an object, and behind it what older versions of the API had."""
    return {**older.FIELDS.get(object_name, {}), **object_shape(object_name).attributes}
