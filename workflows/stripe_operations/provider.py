"""Makes the actions of the operations when they are asked for, and keeps those used last."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache

from stripeflow.actions.base import Action
from stripeflow.actions.offers import Offer
from stripeflow.triggers.catalogue.sdk import SdkLayoutError
from stripeflow.workflows.stripe_operations.action import action_of, icon_of, off_reason
from stripeflow.workflows.stripe_operations.curated import CURATED
from stripeflow.workflows.stripe_operations.marks import marks_of
from stripeflow.workflows.stripe_operations.operations import Operation, find, operations, source_of
from stripeflow.workflows.stripe_operations.raw import RawRequest
from stripeflow.workflows.stripe_operations.wording import category_of, description_of, english, label_of

# Most installations use far fewer; the largest action takes about half a megabyte.
_KEPT = 64
_RAW = RawRequest()
_NAME = re.compile(r"^    (\w+): ", re.MULTILINE)


class OperationsProvider:
    """The provider that `actions.registry` asks."""

    def find(self, key: str) -> Action | None:
        """The action of an operation, or the raw request; None for a key that the installed SDK lacks."""
        return _RAW if key == _RAW.key else _action(key)

    def offers(self) -> tuple[Offer, ...]:
        """What the gallery shows of each operation; `off` says which cannot be used here."""
        made = (
            replace(offer, off=off_reason(operations()[offer.key])) if offer.off else offer
            for offer in _offers()
        )
        return (*made, Offer.of(_RAW))


@lru_cache(maxsize=_KEPT)
def _action(key: str) -> Action | None:
    try:
        operation = find(key)
    except SdkLayoutError:
        return None
    return action_of(operation) if operation else None


@cache
def _offers() -> tuple[Offer, ...]:
    """All of them; their texts are put into the reader's language when they are shown."""
    return tuple(_offer(one) for one in operations().values())


def _offer(operation: Operation) -> Offer:
    marks = marks_of(operation)
    return Offer(
        key=operation.key,
        label=label_of(operation),
        category=category_of(operation),
        icon=icon_of(operation),
        description=description_of(operation),
        moves_money=marks.moves_money,
        destructive=marks.destructive,
        changes_customers=marks.changes_customers,
        words=f"{english(operation)} {operation.key}",
        fields=_fields(operation.key),
        is_first=operation.key in CURATED,
        off="" if marks.off is None else str(marks.off),
    )


def _fields(key: str) -> str:
    """The names of an operation's fields, as far as they stand at the top of it."""
    operation = operations()[key]
    if not operation.params:
        return ""
    module, name = operation.params
    _before, _class, after = source_of(module).partition(f"class {name}(")
    found = _NAME.findall(after.partition("\nclass ")[0])
    return " ".join(name for name in found if name != "expand")
