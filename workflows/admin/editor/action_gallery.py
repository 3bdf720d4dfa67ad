"""The gallery of everything that a step can do, by the object that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.http import HttpRequest

from stripeflow.actions import registry
from stripeflow.actions.offers import Offer
from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.admin.editor.favourites import marked, recent
from stripeflow.workflows.admin.editor.tiles import tiles


@dataclass
class Category:
    """One section: what is shown at once, and what is shown on demand or by a search."""

    label: str
    first: list[Offer] = field(default_factory=list)
    others: list[Offer] = field(default_factory=list)
    first_tiles: str = ""
    other_tiles: str = ""


def categories(offers: Iterable[Offer] | None = None) -> list[Category]:
    """The actions that can be used here, by category; categories with something to show at once come
    first.
    """
    found: dict[str, Category] = {}
    for offer in registry.offers() if offers is None else offers:
        if offer.off:
            continue
        category = found.setdefault(str(offer.category), Category(str(offer.category)))
        (category.first if offer.is_first else category.others).append(offer)
    return sorted(found.values(), key=lambda one: not one.first)


def actions_context(request: HttpRequest, address: str) -> dict[str, Any]:
    """All of them, with those first that the reader has marked, and those that were used last."""
    offers, stars = registry.offers(), marked(person_of(request))
    shown = partial(tiles, address=address, stars=stars)
    found = categories(offers)
    for one in found:
        one.first_tiles, one.other_tiles = shown(one.first), shown(one.others)
    return {
        "categories": found,
        "favourites": shown(one for one in offers if one.key in stars and not one.off),
        "recent": shown(recent(offers, but=stars)),
    }
