"""The items of a loop: written page by page before the first of them runs, and ended one by one.

Every write is fenced by the claim. What a killed worker has written stands, and nothing else does.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.engine.transitions import Claim, LostLease, record_step, renew
from stripeflow.workflows.limits.gates import Gates
from stripeflow.workflows.models import Loop, LoopItem, Run, StepRun
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.states import ItemStatus

# How many items are inserted by one statement, and how many are looked ahead.
_INSERTED, _AHEAD = 500, 100


@dataclass(frozen=True)
class ItemsPage:
    """Some items of a list, none of which it has yet. `cursor` is what the next page starts after.

    `duplicates` were left out. `is_cut`: the list has more items than are taken.
    """

    items: Sequence[LoopItem]
    cursor: str = ""
    duplicates: int = 0
    is_complete: bool = True
    is_cut: bool = False


def ask_for_page(claim: Claim, loop: Loop, *, gates: Gates) -> None:
    """Count that the next page is asked for, before it is. Raises `LostLease` and `GateClosed`."""
    as_read = {"pk": loop.pk, "pages": loop.pages, "attempts": loop.attempts}
    changes = {"attempts": loop.attempts + 1, "asked_since": loop.asked_since or timezone.now()}
    with transaction.atomic():
        renew(claim, gates=gates)
        _change(loop, as_read, changes)


def not_asked(claim: Claim, loop: Loop) -> None:
    """Count it back, since nothing was asked after all. Raises `LostLease`."""
    as_read = {"pk": loop.pk, "pages": loop.pages, "attempts": loop.attempts}
    with transaction.atomic():
        renew(claim)
        _change(loop, as_read, {"attempts": loop.attempts - 1})


def begin(claim: Claim, record: StepRun, page: ItemsPage | None) -> Loop:
    """Insert the row of a loop's step, and with it the list as far as it is known. Raises `LostLease`."""
    now = timezone.now()
    with transaction.atomic():
        record_step(claim, record)
        loop = Loop(run_id=record.run_id, path=record.path, pages=0, is_complete=False)
        loop.first_read_at = loop.last_read_at = now
        loop.save(force_insert=True)
        if page is not None:
            _add(loop, page, now)
    return loop


def add_page(claim: Claim, loop: Loop, page: ItemsPage) -> None:
    """Insert one more page of the list. Raises `LostLease`."""
    with transaction.atomic():
        renew(claim)
        _add(loop, page, timezone.now())


def _add(loop: Loop, page: ItemsPage, now: datetime) -> None:
    for item in page.items:
        item.loop = loop
        item.value = sanitize(item.value)
    LoopItem.objects.bulk_create(page.items, batch_size=_INSERTED)
    changes = {
        "count": loop.count + len(page.items),
        "duplicates": loop.duplicates + page.duplicates,
        "is_complete": page.is_complete,
        "is_cut": page.is_cut,
        "cursor": page.cursor,
        "pages": loop.pages + 1,
        "attempts": 0,
        "asked_since": None,
        "last_read_at": now,
    }
    _change(loop, {"pk": loop.pk, "pages": loop.pages}, changes)


def _change(loop: Loop, as_read: dict[str, Any], changes: dict[str, Any]) -> None:
    """Change the row as it was read. Raises `LostLease` if another worker has changed it since."""
    if not Loop.objects.filter(**as_read).update(**changes):
        raise LostLease(loop.run_id)
    for name, value in changes.items():
        setattr(loop, name, value)


def loop_of(run: Run, path: str) -> Loop | None:
    """The list that was frozen for the loop at this path; None if it was not read yet."""
    return Loop.objects.filter(run=run, path=path).first()


@dataclass
class Rounds:
    """One claim's way through the items of a loop. Holds a few of them at once, however many there are."""

    claim: Claim
    record: StepRun
    loop: Loop
    current: LoopItem | None = None
    counts: dict[str, int] = field(default_factory=dict)
    _ahead: deque[LoopItem] = field(default_factory=deque)
    _last: int = -1

    def __post_init__(self) -> None:
        found = self.loop.items.order_by().values_list("status").annotate(Count("pk"))
        self.counts = {status.value: 0 for status in ItemStatus} | dict(found)

    @property
    def failed(self) -> int:
        return self.counts[ItemStatus.FAILED]

    @property
    def succeeded(self) -> int:
        return self.counts[ItemStatus.SUCCEEDED]

    @property
    def pending(self) -> int:
        return self.counts[ItemStatus.PENDING]

    def take(self) -> LoopItem | None:
        """The first item that has not ended, in the order of the list; None if all have that were read."""
        if not self._ahead:
            pending = self.loop.items.filter(status=ItemStatus.PENDING, number__gt=self._last)
            self._ahead.extend(pending.order_by("number")[:_AHEAD])
        self.current = self._ahead.popleft() if self._ahead else None
        if self.current is not None:
            self._last = self.current.number
        return self.current

    def end(self, error: Failure | None) -> None:
        """Write how the current item ended. Raises `LostLease`."""
        item, self.current = self.current, None
        if item is None:
            return
        status = ItemStatus.FAILED if error else ItemStatus.SUCCEEDED
        with transaction.atomic():
            renew(self.claim)
            landed = LoopItem.objects.filter(pk=item.pk, status=ItemStatus.PENDING).update(
                status=status, error=sanitize(error), finished_at=timezone.now()
            )
            if not landed:
                raise LostLease(self.loop.run_id)
        self.counts[ItemStatus.PENDING] -= 1
        self.counts[status] += 1

    def note_page(self, page: ItemsPage) -> None:
        """Count what `add_page` has added."""
        self.counts[ItemStatus.PENDING] += len(page.items)


def failed_again(loop: Loop) -> int:
    """Let the failed items of a loop, and a page that failed, run again; returns how many items."""
    Loop.objects.filter(pk=loop.pk).update(attempts=0, asked_since=None)
    return loop.items.filter(status=ItemStatus.FAILED).update(
        status=ItemStatus.PENDING, error=None, finished_at=None, retries=F("retries") + 1
    )
