"""The filters of references: one table, read by parser, renderer, validation, picker and docs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.naming import with_close
from stripeflow.actions.wording import worded
from stripeflow.workflows.references import filter_functions as functions
from stripeflow.workflows.references.template import FilterCall, PathArgument

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
    """One argument of a filter. `fault` says what is wrong with a literal one, or ""."""

    name: str
    label: Promise
    kind: str
    required: bool = False
    fault: Callable[[Any], str] = functions.no_fault


@dataclass(frozen=True)
class Filter:
    """`accepts` and `gives` are kinds of `KINDS`; an empty one is any value, or what came in.

    A missing value passes every filter untouched, unless it `takes_missing`; so does null, unless it
    `takes_null`. `never` are types of the catalogue whose values never fit, though their kind is accepted.
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


# In place of a type of the catalogue: a text that a filter wrote for people.
WRITTEN = "written"

_TEXT, _WHOLE = frozenset({"text"}), frozenset({"whole number"})
_LIST = frozenset({"list"})

FILTERS: dict[str, Filter] = {
    entry.key: entry
    for entry in (
        Filter(
            "money",
            gettext_lazy("Amount of money"),
            gettext_lazy(
                "Shows an amount in minor units as money; also a text of digits, and a map of amounts by "
                "currency. The currency is the nearest “currency” beside or above the value, unless the "
                "argument names one or its path."
            ),
            functions.money,
            frozenset({"whole number", "text", "object"}),
            _TEXT,
            (Argument("currency", gettext_lazy("Currency"), "text", fault=functions.currency_fault),),
            never=frozenset({"id", "enum", "metadata", WRITTEN}),
        ),
        Filter(
            "date",
            gettext_lazy("Date and time"),
            gettext_lazy(
                "Shows a time in Unix seconds; also a text of digits, and a date such as 2025-01-31. The "
                "format knows %Y %m %d %H %I %M %S %p %y %j %a %A %b %B %z %Z and %%; without one it is "
                "“%Y-%m-%d %H:%M %Z”. The time zone is UTC, or the second argument, such as “Europe/Berlin”."
            ),
            functions.date,
            _WHOLE | _TEXT,
            _TEXT,
            (
                Argument("format", gettext_lazy("Format"), "text", fault=functions.format_fault),
                Argument("timezone", gettext_lazy("Time zone"), "text", fault=functions.timezone_fault),
            ),
            never=frozenset({"id", "enum", WRITTEN}),
        ),
        Filter(
            "default",
            gettext_lazy("If there is no value"),
            gettext_lazy(
                "Stands in for a value that is missing or null, and for one on which a filter before it "
                "cannot work. An empty text is a value."
            ),
            functions.default,
            arguments=(Argument("value", gettext_lazy("Instead"), "", required=True),),
            takes_null=True,
            takes_missing=True,
        ),
        Filter(
            "upper",
            gettext_lazy("Capital letters"),
            gettext_lazy("Writes a text in capital letters."),
            functions.upper,
            _TEXT,
            _TEXT,
        ),
        Filter(
            "lower",
            gettext_lazy("Small letters"),
            gettext_lazy("Writes a text in small letters."),
            functions.lower,
            _TEXT,
            _TEXT,
        ),
        Filter(
            "trim",
            gettext_lazy("Without outer spaces"),
            gettext_lazy("Takes spaces and line breaks off both ends of a text."),
            functions.trim,
            _TEXT,
            _TEXT,
        ),
        Filter(
            "truncate",
            gettext_lazy("Shortened"),
            gettext_lazy("Cuts a text to a number of characters; the last one is then “…”."),
            functions.truncate,
            _TEXT,
            _TEXT,
            (
                Argument(
                    "length",
                    gettext_lazy("Characters"),
                    "whole number",
                    required=True,
                    fault=functions.length_fault,
                ),
            ),
        ),
        Filter(
            "join",
            gettext_lazy("Joined"),
            gettext_lazy("Writes the items of a list one after the other, between them “, ” or a text."),
            functions.join,
            _LIST,
            _TEXT,
            (Argument("separator", gettext_lazy("Between the items"), "text"),),
        ),
        Filter(
            "map",
            gettext_lazy("One field of each item"),
            gettext_lazy(
                'Takes one field of every item of a list, as in map("description") or map("price.id"). Items '
                "that have none are left out."
            ),
            functions.of_each,
            _LIST,
            _LIST,
            (
                Argument(
                    "field",
                    gettext_lazy("Field of the items"),
                    "text",
                    required=True,
                    fault=functions.name_fault,
                ),
            ),
        ),
        Filter(
            "count",
            gettext_lazy("Number of items"),
            gettext_lazy("Counts the items of a list or the keys of an object."),
            functions.count,
            frozenset({"list", "object"}),
            _WHOLE,
        ),
        Filter(
            "first",
            gettext_lazy("First item"),
            gettext_lazy("Takes the first item of a list; of an empty list there is none."),
            functions.first,
            _LIST,
        ),
        Filter(
            "last",
            gettext_lazy("Last item"),
            gettext_lazy("Takes the last item of a list; of an empty list there is none."),
            functions.last,
            _LIST,
        ),
        Filter(
            "json",
            gettext_lazy("JSON"),
            gettext_lazy("Writes any value as JSON; null becomes “null”."),
            functions.as_json,
            gives=_TEXT,
            takes_null=True,
        ),
    )
}


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
    given = {_TEXT: "string", _WHOLE: "integer", _LIST: "list"}
    return given.get(entry.gives, "any")


def usage(entry: Filter) -> str:
    """How the filter is written, with optional arguments in brackets: `date([format], [timezone])`."""
    names = [entry_name if required else f"[{entry_name}]" for entry_name, required in _names(entry)]
    return f"{entry.key}({', '.join(names)})" if names else entry.key


def named(kinds: frozenset[str]) -> str:
    """Kinds in words, in the order of `KINDS`."""
    return _(" or ").join(str(label) for kind, label in KINDS.items() if kind in kinds)


def _names(entry: Filter) -> Iterator[tuple[str, bool]]:
    return ((argument.name, argument.required) for argument in entry.arguments)
