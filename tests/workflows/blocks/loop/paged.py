"""A made-up action that gives a list a page at a time, as Stripe does, and notes what it is asked."""

from typing import Any

from stripeflow.actions.base import Action, Outputs, Repeat
from stripeflow.actions.inputs import IntegerInput, StringInput


class Shelf:
    """What there is to list. `then` is what the next calls do instead: raise, or give a page."""

    def __init__(self, *values: Any) -> None:
        self.values: list[Any] = list(values)
        self.then: list[Any] = []
        self.asked: list[tuple[str, int]] = []
        self.contexts: list[Any] = []

    def page(self, after: str, limit: int) -> dict[str, Any]:
        ids = [one["id"] for one in self.values]
        start = ids.index(after) + 1 if after else 0
        return {
            "object": "list",
            "data": self.values[start : start + limit],
            "has_more": len(ids) > start + limit,
        }


def paging_action(shelf: Shelf) -> type[Action]:
    class Paging(Action):
        key = "test.pages"
        label = "List what there is"
        category = "Tests"
        moves_money = destructive = changes_customers = False
        repeat = Repeat.SAFE
        pages = True
        inputs = (StringInput("after", label="After"), IntegerInput("limit", label="Limit", minimum=1))
        outputs = Outputs(object="list:charge")

        def run(self, inputs: Any, context: Any) -> dict[str, Any]:
            shelf.asked.append((inputs["after"] or "", inputs["limit"]))
            shelf.contexts.append(context)
            planned = shelf.then.pop(0) if shelf.then else None
            if isinstance(planned, BaseException):
                raise planned
            if callable(planned):
                planned = planned()
            return planned or shelf.page(inputs["after"] or "", inputs["limit"] or 10)

        def next_page(self, inputs: Any, *, after: str, most: int) -> dict[str, Any]:
            return {"after": after, "limit": min(most, inputs.get("limit") or 10)}

    return Paging
