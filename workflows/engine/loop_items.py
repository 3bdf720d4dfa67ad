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
    # How many have begun and not ended, where several run at once.
    under_way: int = 0
    _begun: deque[LoopItem] = field(default_factory=deque)
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

    @property
    def unbegun(self) -> int:
        """How many have been read, and are still to begin."""
        return self.pending - self.under_way

    def find_begun(self) -> None:
        """Find the items that an earlier claim has begun beside others, and not ended: see `take_begun`."""
        begun = self.loop.items.filter(status=ItemStatus.PENDING, started_at__isnull=False)
        self._begun.extend(begun.order_by("number"))
        self.under_way = len(self._begun)

    def take_begun(self) -> LoopItem | None:
        """The next one of those that were begun, and have to be finished; None if there are no more."""
        return self._begun.popleft() if self._begun else None

    def take_beside(self) -> LoopItem | None:
        """As `take`, for an item that runs beside others."""
        item = self.take()
        if item is not None:
            self.under_way += 1
        return item

    def note_end(self, error: Failure | None) -> None:
        """Count the end of an item that ran beside others: see `end_item`."""
        self.under_way -= 1
        self._count_end(error)

    def take(self) -> LoopItem | None:
        """The first item that has not begun, in the order of the list; None if all have that were read."""
        if not self._ahead:
            pending = self.loop.items.filter(
                status=ItemStatus.PENDING, started_at__isnull=True, number__gt=self._last
            )
            self._ahead.extend(pending.order_by("number")[:_AHEAD])
        self.current = self._ahead.popleft() if self._ahead else None
        if self.current is not None:
            self._last = self.current.number
        return self.current

    def end(self, error: Failure | None) -> None:
        """Write how the current item ended. Raises `LostLease`."""
        item, self.current = self.current, None
        if item is not None:
            end_item(self.claim, item, error)
            self._count_end(error)

    def _count_end(self, error: Failure | None) -> None:
        self.counts[ItemStatus.PENDING] -= 1
        self.counts[ItemStatus.FAILED if error else ItemStatus.SUCCEEDED] += 1

    def note_page(self, page: ItemsPage) -> None:
        """Count what `add_page` has added."""
        self.counts[ItemStatus.PENDING] += len(page.items)


def begin_item(claim: Claim, item: LoopItem) -> None:
    """Write that an item begins beside others, before the first of its steps does. Raises `LostLease`."""
    if item.started_at is None:
        now = timezone.now()
        _change_item(claim, item.pk, {"started_at": now}, started_at=None)
        item.started_at = now


def put_off_item(claim: Claim, due: datetime) -> None:
    """Let the claim's item wait until `due`. Raises `LostLease`."""
    assert claim.item is not None  # noqa: S101
    _change_item(claim, claim.item, {"due_at": due})


def end_item(claim: Claim, item: LoopItem, error: Failure | None) -> None:
    """Write how an item ended. Raises `LostLease`."""
    status = ItemStatus.FAILED if error else ItemStatus.SUCCEEDED
    changes = {"status": status, "error": sanitize(error), "due_at": None, "finished_at": timezone.now()}
    _change_item(claim, item.pk, changes)


def _change_item(claim: Claim, pk: int, changes: dict[str, Any], **seen: Any) -> None:
    """Change an item that has not ended, while the run is still the worker's. Raises `LostLease`."""
    with transaction.atomic():
        renew(claim)
        if not LoopItem.objects.filter(pk=pk, status=ItemStatus.PENDING, **seen).update(**changes):
            raise LostLease(claim.run_id)


def failed_again(loop: Loop) -> int:
    """Let the failed items of a loop, and a page that failed, run again; returns how many items."""
    Loop.objects.filter(pk=loop.pk).update(attempts=0, asked_since=None)
    return loop.items.filter(status=ItemStatus.FAILED).update(
        status=ItemStatus.PENDING,
        error=None,
        started_at=None,
        due_at=None,
        finished_at=None,
        retries=F("retries") + 1,
    )
