"""The typed parameters of an operation, read from the source of its `…Params` classes: a tree of plain
values.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from stripeflow.triggers.catalogue import sdk
from stripeflow.workflows.stripe_operations.operations import source_of

_CLASS = re.compile(r"^class (\w+)\(\s*(\w+),?\s*\):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_DICT = re.compile(r"^(\w+) = TypedDict\(\n    \"\w+\",\n    (\{.*?\}),\n\)", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(
    r"^    (\w+): (.*?)\n(?:    \"\"\"\n(.*?)\n    \"\"\"\n)?(?=    \w+:|\s*\Z)", re.MULTILINE | re.DOTALL
)
# A parameter that holds itself would have no end.
DEEPEST = 8


class Kind(StrEnum):
    """What a parameter takes. `ANY` is what no form can ask for in a way of its own."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    OBJECT = "object"
    LIST = "list"
    MAP = "map"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a parameter, without whether it is required.

    `values` are the known ones of a CHOICE, which is `open` if Stripe may know others; of an INTEGER, the
    words that may stand for the number ("now"). `fields` are those of an OBJECT, `item` is that of a LIST or
    of the values of a MAP. What is `clearable` is emptied by an empty text.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    open: bool = False
    fields: tuple[Parameter, ...] = ()
    item: Shape | None = None
    clearable: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, by its own name."""

    name: str
    shape: Shape
    required: bool = False
    doc: str = ""


ANY = Shape(Kind.ANY)
_PLAIN = {
    "str": Shape(Kind.TEXT),
    "int": Shape(Kind.INTEGER),
    "float": Shape(Kind.NUMBER),
    "Decimal": Shape(Kind.NUMBER),
    "bool": Shape(Kind.BOOLEAN),
}


def parameters(module: str, class_name: str) -> tuple[Parameter, ...]:
    """The parameters of a class of the SDK, in its order. Raises SdkLayoutError without its source."""
    return _Reader(source_of(module)).fields(class_name)


@dataclass
class _Reader:
    """Reads the classes of one module, each as often as it is used."""

    source: str
    classes: dict[str, tuple[str, str]] = field(init=False)
    dicts: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.classes = {name: (base, body) for name, base, body in _CLASS.findall(self.source)}
        self.dicts = dict(_DICT.findall(self.source)) if "= TypedDict(" in self.source else {}

    def fields(self, name: str, depth: int = 0) -> tuple[Parameter, ...]:
        base, body = self.classes.get(name, ("", ""))
        found = _FIELD.findall(body)
        own = tuple(self._parameter(own, annotation, doc, depth) for own, annotation, doc in found)
        return (*self._of_dict(base, depth), *own)

    def _of_dict(self, name: str, depth: int) -> Iterator[Parameter]:
        """The parameters whose names Python keeps for itself, such as "from"."""
        if name not in self.dicts:
            return
        found = sdk.parse_expression(self.dicts[name])
        assert isinstance(found, ast.Dict)
        for key, value in zip(found.keys, found.values, strict=True):
            yield self._typed(ast.literal_eval(key) if key else "", value, "", depth)

    def _parameter(self, name: str, annotation: str, doc: str, depth: int) -> Parameter:
        return self._typed(name, sdk.parse_expression(annotation), doc, depth)

    def _typed(self, name: str, annotation: ast.expr, doc: str, depth: int) -> Parameter:
        required = True
        if isinstance(annotation, ast.Subscript) and _name(annotation.value) == "NotRequired":
            required, annotation = False, annotation.slice
        return Parameter(name, self._shape(annotation, depth), required, " ".join(doc.split()))

    def _shape(self, node: ast.expr, depth: int) -> Shape:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._shape(sdk.parse_expression(node.value), depth)
        if isinstance(node, ast.BinOp):
            return _united([self._shape(one, depth) for one in _members(node)])
        if isinstance(node, ast.Subscript):
            return self._generic(_name(node.value), node.slice, depth)
        name = _name(node)
        if name in _PLAIN:
            return _PLAIN[name]
        if name in self.classes and depth < DEEPEST:
            return Shape(Kind.OBJECT, fields=self.fields(name, depth + 1))
        return ANY

    def _generic(self, name: str, inner: ast.expr, depth: int) -> Shape:
        members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if name == "Literal":
            return _literal(tuple(ast.literal_eval(member) for member in members))
        if name == "Union":
            return _united([self._shape(member, depth) for member in members])
        if name == "Optional":
            return replace(self._shape(inner, depth), clearable=True)
        if name in ("List", "list"):
            return Shape(Kind.LIST, item=self._shape(inner, depth))
        if name in ("Dict", "UntypedStripeObject"):
            return Shape(Kind.MAP, item=self._shape(members[-1], depth))
        return ANY


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    return [node]


def _literal(values: tuple[object, ...]) -> Shape:
    if values == ("",):
        return Shape(Kind.CHOICE, clearable=True)
    if all(isinstance(value, bool) for value in values):
        return _PLAIN["bool"]
    return Shape(Kind.CHOICE, tuple(str(value) for value in values if value != ""), clearable="" in values)


def _united(shapes: list[Shape]) -> Shape:
    """One shape for a union: the most telling of its members, with the words that may stand for it."""
    clearable = any(shape.clearable for shape in shapes)
    rest = [shape for shape in shapes if shape != Shape(Kind.CHOICE, clearable=True)]
    kinds = {shape.kind for shape in rest}
    words = tuple(
        dict.fromkeys(value for shape in rest if shape.kind is Kind.CHOICE for value in shape.values)
    )
    # A dictionary in either of the SDK's two spellings; a span of time or one moment: the former says all.
    for kind in (Kind.MAP, Kind.OBJECT, Kind.INTEGER, Kind.NUMBER):
        found = [shape for shape in rest if shape.kind is kind]
        if kind in kinds and (kind is not Kind.OBJECT or len(found) == 1):
            return replace(found[0], values=words, clearable=clearable)
    if Kind.LIST in kinds and len(kinds) == 1:
        return replace(rest[0], clearable=clearable)
    if Kind.CHOICE in kinds and kinds <= {Kind.CHOICE, Kind.TEXT}:
        return Shape(Kind.CHOICE, words, open=Kind.TEXT in kinds, clearable=clearable)
    for kind, name in ((Kind.BOOLEAN, "bool"), (Kind.TEXT, "str")):
        if kind in kinds:
            return replace(_PLAIN[name], clearable=clearable)
    return replace(ANY, clearable=clearable)


def leaves(found: tuple[Parameter, ...], above: str = "") -> Iterator[tuple[str, Parameter]]:
    """Each parameter that takes a value of its own, with its dotted path: objects are walked into."""
    for one in found:
        path = f"{above}.{one.name}" if above else one.name
        if one.shape.kind is Kind.OBJECT:
            yield from leaves(one.shape.fields, path)
        else:
            yield path, one


def cleared(found: tuple[Parameter, ...], above: str = "") -> Iterator[str]:
    """The paths of what may be emptied, objects among them."""
    for one in found:
        path = f"{above}.{one.name}" if above else one.name
        if one.shape.clearable:
            yield path
        yield from cleared(one.shape.fields, path)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
