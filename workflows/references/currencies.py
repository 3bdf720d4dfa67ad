"""Where the currency of an amount stands: beside it, or above it in the same object."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.money import is_currency
from stripeflow.workflows.references.errors import MissingValue
from stripeflow.workflows.references.paths import Path
from stripeflow.workflows.references.resolving import resolve

# What the changed fields held before: their currency, unless it changed too, is that of the object itself.
BEFORE: Path = ("event", "data", "previous_attributes")


def places_of_currency(path: Path) -> Iterator[Path]:
    """Where the currency of an amount at `path` may stand, the nearest place first."""
    for depth in range(len(path) - 1, _root(path) - 1, -1):
        yield (*path[:depth], "currency")
    if path[: len(BEFORE)] == BEFORE:
        yield from places_of_currency(("trigger", *path[len(BEFORE) :]))


def currency_beside(path: Path, scope: Mapping[str, Any]) -> str:
    """The currency of the amount at `path`; in a map by currency its own key. Raises ValueError."""
    for number, place in enumerate(places_of_currency(path)):
        try:
            code = resolve(place, scope)
        except MissingValue:
            if number == 0 and is_currency(str(path[-1])):
                return str(path[-1])
            continue
        if not isinstance(code, str):
            raise ValueError(_("The currency beside the amount is not a text."))
        return code
    raise ValueError(no_currency())


def no_currency() -> str:
    """The sentence for an amount whose currency is nowhere to be found."""
    return _("No currency stands beside the amount. Name one, as in money(trigger.currency).")


def _root(path: Path) -> int:
    """How many parts of a path lead to the object that it is in."""
    if path[: len(BEFORE)] == BEFORE:
        return len(BEFORE)
    return 2 if path[0] == "steps" else 1
