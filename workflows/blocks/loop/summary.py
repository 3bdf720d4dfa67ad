"""What a loop gives to later steps once all its items have ended. Reads them a page at a time."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from stripeflow.actions.money import is_currency
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import StepPlan
from stripeflow.workflows.engine.loop_items import Rounds
from stripeflow.workflows.engine.outputs_size import MAX_BYTES, bounded
from stripeflow.workflows.models import Loop, LoopItem, StepRun
from stripeflow.workflows.references import (
    MissingValue,
    Path,
    TemplateError,
    parse_path,
    places_of_currency,
    resolve,
)
from stripeflow.workflows.states import ItemStatus, StepStatus

_PAGE = 200
# What each item gave has this much room, so that there is some for the rest.
_ROOM = MAX_BYTES * 3 // 4


def summary_of(rounds: Rounds, body: Sequence[StepPlan]) -> Json:
    """The outputs of a loop, bounded in bytes; what is left out is said."""
    loop, inputs = rounds.loop, rounds.record.inputs or {}
    given = _Given()
    for outputs in _outputs(loop, body):
        if not given.add(outputs):
            break
    return bounded(
        {
            "count": loop.count,
            "succeeded": rounds.succeeded,
            "failed": rounds.failed,
            "duplicates": loop.duplicates,
            "is_cut": loop.is_cut,
            **_ends(loop),
            "items": given.items,
            **({"items_left_out": loop.count - len(given.items)} if given.is_full else {}),
            **sum_of(_values(loop), inputs.get("sum_of") or ""),
        }
    )


def sum_of(values: Iterator[Any], field_path: str) -> Json:
    """`sum` and `currency` of a field of all values; nothing where it is unknown.

    It is unknown where a value lacks the field, where the field is no whole number, and over two currencies.
    """
    path = read_path(field_path)
    if path is None:
        return {}
    total, currencies = 0, set()
    for value in values:
        scope = {"item": value}
        try:
            amount = resolve(path, scope)
        except MissingValue:
            return {}
        if isinstance(amount, bool) or not isinstance(amount, int):
            return {}
        total += amount
        currencies.add(_currency_beside(path, scope))
    if len(currencies) > 1:
        return {}
    currency = next(iter(currencies), "")
    return {"sum": total, **({"currency": currency} if currency else {})}


def read_path(field_path: str) -> Path | None:
    """The path of a field of an item, as it is written in the settings; None for none."""
    try:
        return parse_path(f"item.{field_path}") if field_path else None
    except TemplateError:
        return None


def _currency_beside(path: Path, scope: Json) -> str:
    for place in places_of_currency(path):
        try:
            found = resolve(place, scope)
        except MissingValue:
            continue
        if isinstance(found, str) and is_currency(found):
            return found.lower()
    return ""


@dataclass
class _Given:
    """What each item gave, as far as there is room."""

    items: list[Any] = field(default_factory=list)
    size: int = 0
    is_full: bool = False

    def add(self, outputs: Any) -> bool:
        """Add one; False if there is no room left."""
        self.size += len(json.dumps(outputs)) + 2
        self.is_full = self.size > _ROOM
        if not self.is_full:
            self.items.append(outputs)
        return not self.is_full


def _outputs(loop: Loop, body: Sequence[StepPlan]) -> Iterator[Any]:
    """What the last step of the loop gave for each item; None where the item failed.

    Where no step gives anything, each gives its own value.
    """
    last = next((step.key for step in reversed(body) if kinds.of(step.head).gives(step.head)), "")
    for items in _pages(loop):
        paths = [loop.prefix_of(item.key) + last for item in items]
        rows = StepRun.objects.filter(
            run_id=loop.run_id, path__in=paths, status=StepStatus.SUCCEEDED, superseded_at=None
        )
        given = dict(rows.values_list("path", "outputs")) if last else {}
        for item, path in zip(items, paths, strict=True):
            has_failed = item.status != ItemStatus.SUCCEEDED
            yield None if has_failed else given.get(path) if last else item.value


def _pages(loop: Loop) -> Iterator[list[LoopItem]]:
    after = -1
    while page := list(loop.items.filter(number__gt=after).order_by("number")[:_PAGE]):
        after = page[-1].number
        yield page


def _values(loop: Loop) -> Iterator[Any]:
    """The values of the items that succeeded."""
    for page in _pages(loop):
        yield from (item.value for item in page if item.status == ItemStatus.SUCCEEDED)


def _ends(loop: Loop) -> Json:
    first, last = loop.items.order_by("number").first(), loop.items.order_by("-number").first()
    return {"first": first and first.value, "last": last and last.value}
