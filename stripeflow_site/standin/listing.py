"""Lists as Stripe gives them: newest first, by cursor."""

from collections.abc import Callable, Iterator
from itertools import dropwhile, islice

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

    # The time first: it rules out most, and costs least.
    def fits(obj: Object) -> bool:
        return kinds.within(obj.get("created", 0), bounds) and where(obj)

    found = call.world.store.newest(call.scope, kind, where=fits)
    limit = call.params.get("limit", DEFAULT_LIMIT)
    if before := call.params.get("ending_before"):
        every = list(found)
        end = _position(call, kind, every, before, "ending_before")
        start = max(0, end - limit)
        return listed(call.path, every[start:end], has_more=start > 0)
    if after := call.params.get("starting_after"):
        found = _behind(_cursor(call, kind, after, "starting_after"), found, fits)
    data = list(islice(found, limit + 1))
    return listed(call.path, data[:limit], has_more=len(data) > limit)


def _behind(cursor: Object, found: Iterator[Object], fits: Callable[[Object], bool]) -> Iterator[Object]:
    """Those that are older than the cursor, which need not be among them."""
    if not fits(cursor):
        return dropwhile(lambda obj: obj.get("created", 0) >= cursor.get("created", 0), found)
    return islice(dropwhile(lambda obj: obj["id"] != cursor["id"], found), 1, None)


def _position(call: Call, kind: str, found: list[Object], id: str, param: str) -> int:
    cursor = _cursor(call, kind, id, param)
    older = len(found)
    for at, obj in enumerate(found):
        if obj["id"] == id:
            return at
        if obj.get("created", 0) < cursor.get("created", 0):
            older = min(older, at)
    return older - 1


def _cursor(call: Call, kind: str, id: str, param: str) -> Object:
    cursor = call.world.store.get(call.scope, kind, id, param=param, status=400)
    if cursor.get("deleted"):
        raise no_such(kind.rpartition(".")[2], id, param=param, status=400)
    return cursor
