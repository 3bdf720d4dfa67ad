"""The SDK's annotations, read into plain values: which attributes an object has, and their types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from stripeflow.triggers.catalogue import sdk


class Kind(StrEnum):
    """What an annotation says; whether an integer is a time or money is decided elsewhere."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    LITERAL = "literal"
    NESTED = "nested"
    OBJECT = "object"
    EXPANDABLE = "expandable"
    LIST = "list"
    MAP = "map"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """One annotation without its `Optional`.

    `values` of a LITERAL, `objects` (object names) of an OBJECT or EXPANDABLE, `shape` of a NESTED,
    `item` of a LIST or the values of a MAP.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    shape: Shape | None = None
    item: TypeRef | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One annotated attribute; `nullable` where the SDK says `Optional` (null or left out).

    `until` names the API version that took it away, for what the SDK does not annotate any more.
    """

    name: str
    type: TypeRef
    nullable: bool = False
    doc: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of the SDK: its attributes by name, in the SDK's order."""

    name: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    list_object: bool = False


ANY = TypeRef(Kind.ANY)
# Begins the name of a list of objects: "list:invoice". No event carries one; calls to the API answer with
# them.
LIST_OF = "list:"
_SCALARS = {
    "str": TypeRef(Kind.STRING),
    "int": TypeRef(Kind.INTEGER),
    "float": TypeRef(Kind.FLOAT),
    "Decimal": TypeRef(Kind.DECIMAL),
    "bool": TypeRef(Kind.BOOLEAN),
    "Any": ANY,
}


def list_type(object_name: str) -> TypeRef:
    """The type of a page of a list of such objects."""
    return TypeRef(Kind.NESTED, shape=_list_object(TypeRef(Kind.OBJECT, objects=(object_name,))))


@cache
def object_shape(object_name: str) -> Shape:
    """The shape of a Stripe object. Raises KeyError for a name that the SDK does not know."""
    source = sdk.read_class(object_name)
    return _Reader(source).shape(source.node)


class _Reader:
    """Reads the classes of one module; nested names resolve as in Python, class body first."""

    def __init__(self, source: sdk.ClassSource) -> None:
        self._module = source.module
        self._imports = source.imports

    def shape(self, node: ast.ClassDef) -> Shape:
        nested = {child.name: self.shape(child) for child in node.body if isinstance(child, ast.ClassDef)}
        attributes = {
            name: Attribute(name, *self._type(annotation, nested), doc)
            for name, annotation, doc in _annotated(node)
        }
        return Shape(node.name, attributes)

    def _type(self, node: ast.expr, nested: dict[str, Shape]) -> tuple[TypeRef, bool]:
        if isinstance(node, ast.Subscript) and _name(node.value) == "Optional":
            return self._plain(node.slice, nested), True
        return self._plain(node, nested), False

    def _plain(self, node: ast.expr, nested: dict[str, Shape]) -> TypeRef:
        if isinstance(node, ast.Subscript):
            return self._generic(_name(node.value), node.slice, nested)
        name = node.value if isinstance(node, ast.Constant) else _name(node)
        if name in _SCALARS:
            return _SCALARS[name]
        if name in nested:
            return TypeRef(Kind.NESTED, shape=nested[name])
        return self._object(str(name))

    def _generic(self, generic: str, inner: ast.expr, nested: dict[str, Shape]) -> TypeRef:
        if generic == "Literal":
            return _literal(inner)
        if generic == "Union":
            return self._union(inner, nested)
        argument = self._plain(inner, nested)
        if generic == sdk.EXPANDABLE:
            return TypeRef(Kind.EXPANDABLE, objects=argument.objects, shape=argument.shape)
        if generic == sdk.LIST_OBJECT:
            return TypeRef(Kind.NESTED, shape=_list_object(argument))
        if generic in ("List", "list"):
            return TypeRef(Kind.LIST, item=argument)
        if generic in (sdk.MAP, "Dict", "dict"):
            return TypeRef(Kind.MAP, item=argument)
        return ANY

    def _union(self, inner: ast.expr, nested: dict[str, Shape]) -> TypeRef:
        members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        types = [self._plain(member, nested) for member in members]
        if any(one.kind is Kind.LITERAL for one in types):
            # `Union[Literal[…], str]` is the SDK's way to say: these today, others tomorrow.
            return next(one for one in types if one.kind is Kind.LITERAL)
        if all(one.kind is Kind.OBJECT for one in types):
            return TypeRef(Kind.OBJECT, objects=tuple(name for one in types for name in one.objects))
        return ANY

    def _object(self, name: str) -> TypeRef:
        place = self._imports.get(name, (self._module, name))
        object_name = sdk.object_names_by_class().get(place)
        return TypeRef(Kind.OBJECT, objects=(object_name,)) if object_name else ANY


def _literal(inner: ast.expr) -> TypeRef:
    values = ast.literal_eval(inner)
    values = values if isinstance(values, tuple) else (values,)
    if all(isinstance(value, bool) for value in values):
        return _SCALARS["bool"]
    return TypeRef(Kind.LITERAL, values=tuple(str(value) for value in values))


def _list_object(item: TypeRef) -> Shape:
    """Stripe's page of a list: the items are at `data`."""
    attributes = (
        Attribute("data", TypeRef(Kind.LIST, item=item), doc="The items of the list."),
        Attribute("has_more", _SCALARS["bool"], doc="Whether there are more items than are shown here."),
        Attribute("object", TypeRef(Kind.LITERAL, values=("list",)), doc="Always `list`."),
        Attribute("total_count", _SCALARS["int"], nullable=True, doc="How many items there are in all."),
        Attribute("url", _SCALARS["str"], doc="The address at which the list can be read."),
    )
    return Shape(sdk.LIST_OBJECT, {one.name: one for one in attributes}, list_object=True)


def _annotated(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr, str]]:
    """Name, annotation and the string that follows, of every public attribute of a class."""
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        if name.startswith("_") or name.isupper():
            continue
        yield name, statement.annotation, _docstring(following)


def _docstring(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return str(statement.value.value).strip()
    return ""


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
