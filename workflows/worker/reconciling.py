"""The schedule of reconciliations: one host takes the turn, a worker of the queue does the work.

The row `reconciled@…` of a listing keeps how far it was reconciled. So after an outage of days the next turn
begins where the last one ended, and one that is killed loses nothing.
"""

import logging
import time
from datetime import UTC, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from stripeflow.triggers import conf, mirror_slots
from stripeflow.triggers.event_listing import Listing, ListingError
from stripeflow.triggers.models import Event
from stripeflow.triggers.queue import enqueue
from stripeflow.triggers.reconcile import listings, reconcile
from stripeflow.workflows.models import Beat
from stripeflow.workflows.queue import RECONCILE

logger = logging.getLogger(__name__)

TURN = "reconcile"
# Well below the queue's own timeout, which kills the worker.
BUDGET_SECONDS = 30.0
# A process asks the database for its turn at most this often.
ASK_SECONDS = 10.0

_asked = float("-inf")


def start_if_due() -> int:
    """Have a worker reconcile if it is due and no other host has the turn; returns 1 if so, else 0."""
    global _asked
    every = conf.get_int("RECONCILE_EVERY_SECONDS")
    now = time.monotonic()
    if not every or now - _asked < ASK_SECONDS or not _listings():
        return 0
    _asked = now
    if not Beat.objects.claim(TURN, every=timedelta(seconds=every)):
        return 0
    enqueue(RECONCILE)
    return 1


def forget() -> None:
    """Ask the database again next time. For tests."""
    global _asked
    _asked = float("-inf")


def work(name: str = "", begin: int | None = None) -> None:
    """Reconcile every listing since its last time, or go on with the one called `name` from `begin`.

    `begin` is in Unix seconds. Work beyond the budget is left to a further message. While the mirror is at
    work instead, the turn comes again soon, and begins where the last one ended.
    """
    place = mirror_slots.take_first(timezone.now())
    if place is None:
        every = timedelta(seconds=conf.get_int("RECONCILE_EVERY_SECONDS"))
        Beat.objects.filter(name=TURN).update(at=timezone.now() - every)
        return
    try:
        _work(name, begin)
    finally:
        place.release()


def _work(name: str, begin: int | None) -> None:
    deadline = time.monotonic() + BUDGET_SECONDS
    for listing in _listings():
        if not name:
            start = since(listing, timezone.now())
        elif name == listing.name and begin is not None:
            start = datetime.fromtimestamp(begin, UTC)
        else:
            continue
        upto = _one(listing, start, deadline)
        if upto is not None:
            enqueue(RECONCILE, listing.name, int(upto.timestamp()))


def since(listing: Listing, now: datetime) -> datetime:
    """Where the next turn begins: one window back, or further if the last turn is older.

    A listing that was never reconciled begins at the last event that arrived.
    """
    window = now - timedelta(seconds=conf.get_int("RECONCILE_WINDOW_SECONDS"))
    last = Beat.objects.filter(name=_row(listing)).values_list("at", flat=True).first()
    if last is None:
        last = Event.objects.aggregate(at=Max("received_at"))["at"]
    return min(window, last or window)


def _one(listing: Listing, start: datetime, deadline: float) -> datetime | None:
    """Reconcile until the deadline; returns where to go on, or None if there is nothing to go on with."""
    try:
        result = reconcile(listing, since=start, budget_seconds=deadline - time.monotonic())
    except ListingError as error:
        # The other listings get their turn; this one begins again at the same place next time.
        logger.warning("workflows.reconcile.failed", extra={"listing": listing.name, "reason": str(error)})
        return None
    Beat.objects.write(_row(listing), now=result.upto)
    return None if result.finished else result.upto


def _row(listing: Listing) -> str:
    return f"reconciled@{listing.name}"


def _listings() -> list[Listing]:
    return listings(accounts=conf.reconcile_accounts())
