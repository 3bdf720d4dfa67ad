"""Paths said for people, and the search in an object's fields."""

from __future__ import annotations

from functools import lru_cache

from stripeflow.triggers.catalogue import labels, tree
from stripeflow.triggers.catalogue.model import Field, FieldType
from stripeflow.triggers.catalogue.typed_fields import children, describe

SEPARATOR = " › "
_CACHED_TREES = 256
_CACHED_PATHS = 4096


@lru_cache(maxsize=_CACHED_PATHS)
def field_label_path(object_name: str, path: str) -> str:
    """A path as people read it: "Payment intent › Amount details › Tip › Amount".

    The `data` of Stripe's lists is left out ("Invoice › Lines › Item 1 › Amount"). A path that does not
    exist is shown as it is from where it leaves the catalogue. Raises UnknownObject.
    """
    nodes = tree.each(tree.root(object_name))
    names = [labels.object_label(object_name)]
    for segment in path.split(".") if path else ():
        nodes = tree.steps(nodes, segment)
        if not nodes:
            names.append(segment)
        elif not (nodes[0].in_list_object and nodes[0].name == "data"):
            names.append(describe(nodes[0]).label)
    return SEPARATOR.join(names)


def search(
    object_name: str, query: str, *, depth: int = 3, limit: int = 50, in_lists: bool = False
) -> tuple[Field, ...]:
    """The fields whose label, path or help text holds every word of the query, best first.

    Down to `depth` levels; what is inside lists only with `in_lists` (at paths with `*`). An empty query
    gives the first fields. Raises UnknownObject.
    """
    words = query.casefold().split()
    ranked = (
        (rank, position, one)
        for position, (one, texts) in enumerate(_index(object_name, depth, in_lists))
        if (rank := _rank(words, texts)) is not None
    )
    return tuple(one for _, _, one in sorted(ranked, key=lambda entry: entry[:2])[:limit])


def _rank(words: list[str], texts: tuple[str, str, str]) -> int | None:
    """0 if the label holds every word, 1 if the label's path or the path does, 2 with the help text."""
    for rank in range(len(texts)):
        if all(word in " ".join(texts[: rank + 1]) for word in words):
            return rank
    return None


@lru_cache(maxsize=_CACHED_TREES)
def _index(object_name: str, depth: int, in_lists: bool) -> tuple[tuple[Field, tuple[str, str, str]], ...]:
    """Every field down to `depth`, the shallow ones first, with its texts in lower case."""
    level = list(children(object_name, ""))
    found: list[Field] = []
    for _ in range(depth):
        found.extend(level)
        level = [inner for one in level for inner in _next_level(object_name, one, in_lists)]
    return tuple((one, _texts(object_name, one)) for one in found)


def _next_level(object_name: str, one: Field, in_lists: bool) -> tuple[Field, ...]:
    if not one.has_children or (one.type is FieldType.LIST and not in_lists):
        return ()
    return children(object_name, one.path)


def _texts(object_name: str, one: Field) -> tuple[str, str, str]:
    trail = f"{field_label_path(object_name, one.path)} {one.path}"
    return one.label.casefold(), trail.casefold(), one.help_text.casefold()
