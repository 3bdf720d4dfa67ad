"""The pages of Stripe's lists: each begins behind the last id of the one before. Pure."""

from collections.abc import Mapping
from typing import Any

from stripeflow.workflows.stripe_operations.operations import Operation

# What Stripe calls them, in all of its lists.
SIZE, _AFTER, BACKWARDS = "limit", "starting_after", "ending_before"
# As many items as a page has at most.
LARGEST = 100


def is_paged(operation: Operation, paths: tuple[str, ...]) -> bool:
    """Whether it gives a list by cursor. Results of a search are none: they have numbers of pages."""
    return operation.many == "ListObject" and {SIZE, _AFTER, BACKWARDS} <= set(paths)


def behind(inputs: Mapping[str, Any], *, after: str, size: int) -> dict[str, Any]:
    """The same inputs for the page of `size` items behind the id `after`; "" for the first page."""
    return {**inputs, SIZE: size, **({_AFTER: after} if after else {})}
