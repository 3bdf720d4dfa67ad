"""The filters of references: one table (`FILTERS`), read by parser, renderer, validation, picker and docs.

Each installed app may register its own in a `stripeflow_filters.py`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.naming import with_close
from stripeflow.actions.wording import worded
from stripeflow.workflows.references import filter_functions as functions
from stripeflow.workflows.references.template import FilterCall, PathArgument

_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)

# Which JSON values a filter accepts, and how sentences name them.
KINDS: dict[str, Promise] = {
    "text": gettext_lazy("a text"),
    "whole number": gettext_lazy("a whole number"),
    "number": gettext_lazy("a number"),
    "true or false": gettext_lazy("true or false"),
    "list": gettext_lazy("a list"),
    "object": gettext_lazy("an object"),
}

# The kinds of JSON value that a field of a type of the catalogue may have; types not here: any.
KINDS_OF_TYPE: dict[str, frozenset[str]] = {
    "string": frozenset({"text"}),
    "enum": frozenset({"text"}),
    "id": frozenset({"text"}),
    "integer": frozenset({"whole number"}),
    "money": frozenset({"whole number"}),
    "timestamp": frozenset({"whole number"}),
    "decimal": frozenset({"text", "whole number", "number"}),
    "boolean": frozenset({"true or false"}),
    "metadata": frozenset({"object"}),
    "object": frozenset({"object"}),
    "list": frozenset({"list"}),
}


@dataclass(frozen=True)
class Argument:
    """One argument of a filter. `fault` says what is wrong with a literal one, or "".

    In words, `words` has its `{value}`, as in "in {value}"; without any, its label stands before it. A text
    stands in quotation marks unless it `is_plain`, such as the name of a time zone. A number that `is_amount`
    is in minor units beside an amount of money.
    """

    name: str
    label: Promise
    kind: str
    required: bool = False
    fault: Callable[[Any], str] = functions.no_fault
    words: Promise | str = ""
    is_plain: bool = False
    is_amount: bool = False


@dataclass(frozen=True)
class Filter:
    """`accepts` and `gives` are kinds of `KINDS`; an empty one is any value, or what came in.

    A missing value passes every filter untouched, unless it `takes_missing`; so does null, unless it
    `takes_null`. `never` are types of the catalogue whose values never fit, though their kind is accepted.

    In words, `words` names its arguments in braces, as in "minus {number}", or is a function of the first
    argument that gives such a text; without any, its label stands for it, unless it `goes_unsaid`.

    Of a list: `gives_item` is one of its items, `gives_each` the field of each item that the first argument
    names; with `plain_items` the items must not be lists or objects.
    """

    key: str
    label: Promise
    help_text: Promise
    function: Callable[..., Any]
    accepts: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    arguments: tuple[Argument, ...] = ()
    takes_null: bool = False
    takes_missing: bool = False
    never: frozenset[str] = frozenset()
    gives_item: bool = False
    gives_each: bool = False
    plain_items: bool = False
    words: Promise | str | Callable[[Any], str] = ""
    goes_unsaid: bool = False


# In place of a type of the catalogue: a text that a filter wrote for people.
WRITTEN = "written"


class DuplicateFilter(ValueError):
    """Two filters claim the same key."""


FILTERS: dict[str, Filter] = {}


def register(entry: Filter) -> Filter:
    """Add a filter behind the others.

    Raises DuplicateFilter, or ImproperlyConfigured if its key, its kinds or its texts cannot be used.
    """
    _check(entry)
    if entry.key in FILTERS:
        raise DuplicateFilter(f"The filter {entry.key!r} is registered already.")
    FILTERS[entry.key] = entry
    return entry


@contextmanager
def temporarily(entry: Filter) -> Iterator[Filter]:
    """Register a filter for the length of a test."""
    register(entry)
    try:
        yield entry
    finally:
        del FILTERS[entry.key]


def _check(entry: Filter) -> None:
    if not _KEY.fullmatch(entry.key):
        raise ImproperlyConfigured(
            f"{entry.key!r} is no key: letters from a to z, digits and “_”, at most 50."
        )
    kinds = {*entry.accepts, *entry.gives, *(one.kind for one in entry.arguments if one.kind)}
    if not kinds <= KINDS.keys():
        raise ImproperlyConfigured(f"The filter {entry.key!r} may name these kinds: {', '.join(KINDS)}.")
    # A lazy text is not looked at: languages may not be ready yet.
    if "" in [text for text in (entry.label, entry.help_text) if isinstance(text, str)]:
        raise ImproperlyConfigured(f"The filter {entry.key!r} needs label and help_text.")
    if (entry.takes_missing or entry.gives_each) and not (entry.arguments and entry.arguments[0].required):
        raise ImproperlyConfigured(f"The first argument of the filter {entry.key!r} has to be required.")


def kind_of(value: Any) -> str:
    """The kind of a JSON value, as a key of `KINDS`; "null" for None."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "whole number", float: "number", list: "list", dict: "object"}
    return kinds.get(type(value), "null")


def check_call(call: FilterCall) -> str:
    """What is wrong with a call by itself, as a sentence; "" if nothing is."""
    entry = FILTERS.get(call.name)
    if entry is None:
        message = _("There is no filter “{name}”. The filters are: {known}.")
        return with_close(message.format(name=call.name, known=", ".join(FILTERS)), call.name, FILTERS)
    required = sum(argument.required for argument in entry.arguments)
    if not required <= len(call.arguments) <= len(entry.arguments):
        return _("The filter “{name}” is written {usage}.").format(name=call.name, usage=usage(entry))
    for argument, given in zip(entry.arguments, call.arguments, strict=False):
        if fault := argument_fault(argument, given):
            return fault
    return ""


def argument_fault(argument: Argument, given: Any) -> str:
    """What is wrong with an argument, as a sentence; "" for a path, whose value is not known yet."""
    if isinstance(given, PathArgument):
        return ""
    if argument.kind and kind_of(given) != argument.kind:
        names = {"label": argument.label, "kind": KINDS[argument.kind]}
        return worded(_("“{label}” has to be {kind}."), names=names)
    return argument.fault(given)


def types_of(entry: Filter) -> frozenset[str]:
    """The types of the catalogue whose values the filter accepts; those of any kind always are."""
    return frozenset(
        type_key
        for type_key, kinds in KINDS_OF_TYPE.items()
        if (not entry.accepts or kinds & entry.accepts) and type_key not in entry.never
    )


def type_given(entry: Filter) -> str:
    """The type of the catalogue that a value has after the filter; "any" if that depends on the value."""
    given = {"text": "string", "whole number": "integer", "list": "list"}
    (kind,) = entry.gives if len(entry.gives) == 1 else ("",)
    return given.get(kind, "any")


def usage(entry: Filter) -> str:
    """How the filter is written, with optional arguments in brackets: `date([format], [timezone])`."""
    names = [entry_name if required else f"[{entry_name}]" for entry_name, required in _names(entry)]
    return f"{entry.key}({', '.join(names)})" if names else entry.key


def named(kinds: frozenset[str]) -> str:
    """Kinds in words, in the order of `KINDS`."""
    return _(" or ").join(str(label) for kind, label in KINDS.items() if kind in kinds)


def _names(entry: Filter) -> Iterator[tuple[str, bool]]:
    return ((argument.name, argument.required) for argument in entry.arguments)
