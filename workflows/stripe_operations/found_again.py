"""Finds what a call has created whose answer was lost, by our metadata in a list.

Stripe's search would be shorter, but lags by up to a minute, and what it does not find may be there. A list
is always current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from typing import Any

from django.utils.translation import gettext as _
from stripe import StripeClient, StripeObject

from stripeflow.actions.context import ActionContext
from stripeflow.actions.look_up import Found, LookedUp, NotFound, Unclear
from stripeflow.actions.stripe_pages import Pages
from stripeflow.actions.wording import worded
from stripeflow.workflows.stripe_operations.operations import Operation, find
from stripeflow.workflows.stripe_operations.parameters import parameters

# So many objects of the event's time or later are looked through; above that nobody can say.
_MOST_PAGES = 10
_PAGE = 100
# What was sent has to be what is there, or the object is somebody else's.
_COMPARED = ("amount", "currency", "customer", "charge", "destination", "invoice", "subscription", "name")


def is_findable(operation: Operation, paths: tuple[str, ...]) -> bool:
    """Whether what the operation creates carries metadata, and can be listed by when it was created."""
    if operation.method != "create" or "metadata" not in paths:
        return False
    listing = _listing(operation)
    return listing is not None and bool({"created"} & _filters(listing) or listing.ids)


def look_up(
    operation: Operation, ids: tuple[str, ...], sent: Mapping[str, Any], context: ActionContext
) -> LookedUp:
    """Whether an earlier call of this step has created its object. Raises a subclass of ActionError."""
    listing = _listing(operation)
    if listing is None:
        return Unclear()
    for number, page in enumerate(_pages(listing, ids, sent, context)):
        for one in page["data"]:
            if _is_marked(one, context):
                return _judged(one, sent, context)
        if page["has_more"] and number + 1 == _MOST_PAGES:
            message = _("There are more than %(most)d objects since the event, so it was not found for sure.")
            return Unclear(worded(message, names={"most": _MOST_PAGES * _PAGE}))
    return NotFound()


def with_outputs(found: LookedUp, change: Callable[[Any], Any]) -> LookedUp:
    """The same answer with its outputs changed."""
    return Found(change(dict(found.outputs))) if isinstance(found, Found) else found


def _listing(operation: Operation) -> Operation | None:
    return find(f"stripe.{operation.resource}.list")


def _filters(listing: Operation) -> frozenset[str]:
    return frozenset(one.name for one in parameters(*listing.params)) if listing.params else frozenset()


def _pages(
    listing: Operation, ids: tuple[str, ...], sent: Mapping[str, Any], context: ActionContext
) -> Iterator[dict[str, Any]]:
    known = _filters(listing)
    asked: dict[str, Any] = {"limit": _PAGE}
    if "created" in known:
        asked["created"] = {"gte": int(context.since)}
    if "customer" in known and isinstance(sent.get("customer"), str):
        asked["customer"] = sent["customer"]
    return Pages(context).of(partial(_list, listing, ids), asked)


def _list(
    listing: Operation, ids: tuple[str, ...], asked: dict[str, Any], client: StripeClient
) -> StripeObject:
    service = reduce(getattr, listing.resource.split("."), client.v1)
    return service.list(*ids, asked)


def _is_marked(one: Mapping[str, Any], context: ActionContext) -> bool:
    metadata = one.get("metadata") or {}
    return all(metadata.get(key) == value for key, value in context.stripe_metadata.items())


def _judged(one: Mapping[str, Any], sent: Mapping[str, Any], context: ActionContext) -> LookedUp:
    """Whether an object with our metadata is this step's: anybody who can read the metadata can write it."""
    differs = [name for name in _COMPARED if name in sent and _plain(one.get(name)) != _plain(sent[name])]
    created = one.get("created")
    if not differs and (not isinstance(created, int) or created >= int(context.since)):
        return Found(one)
    message = _("%(id)s carries this step's metadata, but is not what the step would have created.")
    return Unclear(worded(message, id=one.get("id")))


def _plain(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value
