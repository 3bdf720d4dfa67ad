"""Lists as Stripe gives them: newest first, by cursor."""

from collections.abc import Callable

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.errors import no_such
from stripeflow_site.standin.operations import Call
from stripeflow_site.standin.store import Object

PAGING: kinds.Spec = {
    "limit": kinds.page_size,
    "starting_after": kinds.given,
    "ending_before": kinds.given,
    "created": kinds.span,
}
DEFAULT_LIMIT = 10


def listed(url: str, data: list[Object], *, has_more: bool = False) -> Object:
    """A list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(call: Call, kind: str, *, where: Callable[[Object], bool] = lambda _: True) -> Object:
    """One page of the objects that fit the call's filters and cursor. Raises ApiFailure for a bad cursor."""
    bounds = call.params.get("created", {})

    def fits(obj: Object) -> bool:
        return where(obj) and kinds.within(obj.get("created", 0), bounds)

    found = list(call.world.store.newest(call.scope, kind, where=fits))
    limit = call.params.get("limit", DEFAULT_LIMIT)
    if before := call.params.get("ending_before"):
        end = _position(call, kind, found, before, "ending_before")
        start = max(0, end - limit)
        return listed(call.path, found[start:end], has_more=start > 0)
    start = 0
    if after := call.params.get("starting_after"):
        start = _position(call, kind, found, after, "starting_after") + 1
    return listed(call.path, found[start : start + limit], has_more=len(found) > start + limit)


def _position(call: Call, kind: str, found: list[Object], id: str, param: str) -> int:
    cursor = call.world.store.get(call.scope, kind, id, param=param, status=400)
    if cursor.get("deleted"):
        raise no_such(kind.rpartition(".")[2], id, param=param, status=400)
    older = len(found)
    for at, obj in enumerate(found):
        if obj["id"] == id:
            return at
        if obj.get("created", 0) < cursor.get("created", 0):
            older = min(older, at)
    return older - 1
