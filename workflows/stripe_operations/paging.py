"""The pages of Stripe's lists: each begins behind the last id of the one before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import IntegerInput
from stripeflow.actions.stripe_pages import too_slow
from stripeflow.workflows.stripe_operations.operations import Operation

# What Stripe calls them, in all of its lists.
SIZE, _AFTER, BACKWARDS = "limit", "starting_after", "ending_before"
# As many items as a page has at most.
LARGEST = 100
# Room for the objects of one step, in bytes of JSON: its row holds a quarter more.
ROOM = 192 * 1024
# How many objects a step reads, a page at a time. (No parameter of Stripe's is called so.)
MOST = IntegerInput(
    "most_objects",
    label=gettext_lazy("At most so many objects"),
    minimum=1,
    maximum=1000,
    help_text=gettext_lazy(
        "Up to 1,000, read page by page. Empty: one page, of 10 unless “Limit” says otherwise; a loop then "
        "reads the "
        "other pages."
    ),
)


def is_paged(operation: Operation, paths: tuple[str, ...]) -> bool:
    """Whether it gives a list by cursor. Results of a search are none: they have numbers of pages."""
    return operation.many == "ListObject" and {SIZE, _AFTER, BACKWARDS} <= set(paths)


def behind(inputs: Mapping[str, Any], *, after: str, size: int) -> dict[str, Any]:
    """The same inputs for the page of `size` items behind the id `after`; "" for the first page."""
    return {**inputs, SIZE: size, **({_AFTER: after} if after else {})}


def gather(
    read: Callable[[dict[str, Any]], dict[str, Any]],
    sent: Mapping[str, Any],
    *,
    most: int,
    seconds: float,
    now: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """One list of at most `most` objects, and at most `ROOM` bytes, out of the pages that `read` gives.

    `has_more` says whether the list goes on. Raises TransientError if it takes longer than `seconds`, since
    half a list would decide something else.
    """
    until = now() + seconds
    size = min(int(sent.get(SIZE) or LARGEST), LARGEST)
    data: list[Any] = []
    room = ROOM
    after: dict[str, Any] = {}
    while True:
        page = read({**sent, SIZE: min(size, most - len(data)), **after})
        found = page["data"]
        kept, room = _within(found, room)
        data += kept
        last = data[-1].get("id") if data else None
        is_cut = len(kept) < len(found)
        has_more = is_cut or bool(page.get("has_more"))
        # Without an id, or a new item, nobody could read on.
        if not has_more or is_cut or not found or not last or len(data) >= most:
            return {**page, "data": data, "has_more": has_more}
        if now() > until:
            raise too_slow(len(data), seconds=seconds)
        after = {_AFTER: last}


def _within(items: list[Any], room: int) -> tuple[list[Any], int]:
    """The first items that have room, in bytes of JSON, and the room that is left."""
    kept = []
    for one in items:
        room -= len(json.dumps(one)) + 2
        if room < 0:
            break
        kept.append(one)
    return kept, room
