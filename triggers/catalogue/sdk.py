"""The only module that knows the private names of the installed `stripe` package.

The catalogue reads the SDK's *source*: annotations say the types, and the string after an
annotation says what the field means, which no runtime object keeps. Nothing of the SDK is executed
but `stripe` itself and its table of object classes, and both only when the first question is asked.
"""

from __future__ import annotations

import ast
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# Containers and aliases in the SDK's table that no event carries.
_NOT_OBJECTS = frozenset({"list", "search_result", "file_upload"})

# The SDK's names of the generic types that our reader has to distinguish.
EXPANDABLE = "ExpandableField"
LIST_OBJECT = "ListObject"
MAP = "UntypedStripeObject"


class SdkLayoutError(RuntimeError):
    """The installed `stripe` package has another layout than this module knows."""


@cache
def object_classes() -> dict[str, tuple[str, str]]:
    """Object name ("radar.early_fraud_warning") to its (module, class name), in the SDK's order."""
    table = import_module("stripe._object_classes").OBJECT_CLASSES
    return {name: place for name, place in table.items() if name not in _NOT_OBJECTS}


@cache
def object_names_by_class() -> dict[tuple[str, str], str]:
    """The reverse of `object_classes`: (module, class name) to object name."""
    return {place: name for name, place in object_classes().items()}


@cache
def event_type_keys() -> tuple[str, ...]:
    """Every event type of the SDK, in its order, from the annotation of `stripe.Event.type`.

    Raises SdkLayoutError if `Event.type` is not annotated as a list of strings.
    """
    for node in read_class("event").node.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "type":
            return tuple(ast.literal_eval(value) for value in _literal_values(node.annotation))
    raise SdkLayoutError("stripe.Event has no annotated `type`.")


def api_version() -> str:
    """The version of Stripe's API that the SDK's types are of ("2026-08-26.dahlia")."""
    return import_module("stripe._api_version")._ApiVersion.CURRENT


@dataclass(frozen=True, slots=True)
class ClassSource:
    """A class statement of the SDK, and what the names in its annotations mean.

    `imports` is local name to (module, class name), also for what is imported for type checking only.
    """

    module: str
    node: ast.ClassDef
    imports: dict[str, tuple[str, str]]


def read_class(object_name: str) -> ClassSource:
    """The source of an object's class: parsed, not executed.

    Raises KeyError for a name that the SDK does not know, SdkLayoutError if its source is not there.
    """
    module, class_name = object_classes()[object_name]
    tree = _parse(module)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            return ClassSource(module, node, _imports(tree))
    raise SdkLayoutError(f"{module} defines no class {class_name}.")


def _imports(tree: ast.Module) -> dict[str, tuple[str, str]]:
    top_level = [inner for node in tree.body for inner in (node.body if isinstance(node, ast.If) else [node])]
    return {
        name.asname or name.name: (node.module, name.name)
        for node in top_level
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }


# CPython 3.11 counts the depth of a tree for all threads together: two that build one at once may fail with
# "AST constructor recursion depth mismatch" (https://github.com/python/cpython/issues/106905).
_parsing = threading.Lock()


def _parse(module: str) -> ast.Module:
    path = root().joinpath(*module.split(".")[1:]).with_suffix(".py")
    try:
        source = path.read_text(encoding="utf-8")
        with _parsing:
            return ast.parse(source)
    except FileNotFoundError as error:
        raise SdkLayoutError(f"{module} has no source at {path}.") from error


@lru_cache(maxsize=512)
def parse_expression(text: str) -> ast.expr:
    """One expression of the SDK's source, such as an annotation: parsed, not executed."""
    with _parsing:
        return ast.parse(text, mode="eval").body


@cache
def root() -> Path:
    """The folder of the installed package. Raises SdkLayoutError if it has none."""
    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise SdkLayoutError("The stripe package is not installed as files.")
    return Path(spec.origin).parent


def _literal_values(annotation: ast.expr) -> list[ast.expr]:
    if not (isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple)):
        raise SdkLayoutError("stripe.Event.type is not a Literal of several strings.")
    return annotation.slice.elts
