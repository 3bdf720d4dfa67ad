"""Accepts events that never arrived: lists Stripe's events, and passes unknown ones to the inbox.

It keeps no state: a reconciliation that is killed is simply repeated, and several may run at once, since the
inbox accepts each event once. An accepted event starts what was active at its `created`.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from stripeflow.triggers import envelope, inbox, vouching
from stripeflow.triggers.envelope import Envelope, InvalidEnvelope
from stripeflow.triggers.event_listing import KEPT, EventList, Listing, TooMany
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import IDENTITY, Event, Source
from stripeflow.triggers.stripe_reads import secret_key

logger = logging.getLogger(__name__)

# How many events of one slice of time are held in memory.
SLICE_EVENTS = 500
_FIRST_SLICE = 3600
_LONGEST_SLICE = 24 * 3600


@dataclass
class Counts:
    """The result of a reconciliation. With `dry_run`, `new` is what would have been accepted."""

    seen: int = 0
    new: int = 0
    matched: int = 0
    started: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Reconciled:
    """`upto` is the moment before which everything is accepted; `finished` whether that was all."""

    counts: Counts
    upto: datetime
    finished: bool


def listings(*, accounts: tuple[str, ...] = (), types: tuple[str, ...] = ()) -> list[Listing]:
    """A listing for each mode that has an API key, of our own account and of the connected ones."""
    modes = [mode for mode in (False, True) if secret_key(livemode=mode)]
    return [Listing(mode, account, types) for mode in modes for account in ("", *accounts)]


def reconcile(
    listing: Listing,
    *,
    since: datetime,
    until: datetime | None = None,
    dry_run: bool = False,
    budget_seconds: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Reconciled:
    """Accept the events of `listing` created between the two, oldest first; Stripe keeps 30 days.

    Without `until` there is no end, whatever Stripe's clock says. After `budget_seconds` no further slice
    of time is begun. Raises event_listing.ListingError.
    """
    voucher = vouching.of_key(livemode=listing.livemode)
    work = _Reconciliation(EventList(listing, sleep=sleep), voucher, dry_run=dry_run)
    began = timezone.now()
    span = _Span(
        start=int(max(since, began - KEPT).timestamp()), end=None if until is None else int(until.timestamp())
    )
    deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
    finished = work.run(span, now=int(began.timestamp()), deadline=deadline)
    upto = began if finished else datetime.fromtimestamp(span.start, UTC)
    facts = {"listing": listing.name, **vars(work.counts)}
    logger.info("triggers.reconcile.done" if finished else "triggers.reconcile.paused", extra=facts)
    return Reconciled(counts=work.counts, upto=upto, finished=finished)


@dataclass
class _Span:
    """What is still to be listed, in Unix seconds. The end, if there is one, is not part of it."""

    start: int
    end: int | None


@dataclass
class _Reconciliation:
    events: EventList
    voucher: vouching.Voucher
    dry_run: bool
    counts: Counts = field(default_factory=Counts)

    def run(self, span: _Span, *, now: int, deadline: float | None) -> bool:
        """Work the span off in slices that fit into memory; False if the time was up before its end."""
        length = _FIRST_SLICE
        while span.end is None or span.start < span.end:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            end = self._end(span, length, now)
            try:
                found = self.events.between(span.start, end, most=SLICE_EVENTS if length > 1 else None)
            except TooMany:
                length = max(1, length // 4)
                continue
            self._accept_unknown(found)
            if end is None:
                return True
            span.start = end
            length = min(length * 2, _LONGEST_SLICE) if len(found) < SLICE_EVENTS // 4 else length
        return True

    def _end(self, span: _Span, length: int, now: int) -> int | None:
        end = span.start + length
        if span.end is not None:
            return min(end, span.end)
        return None if end > now else end

    def _accept_unknown(self, found: list[dict[str, Any]]) -> None:
        self.counts.seen += len(found)
        read = [(event, columns) for event in found if (columns := self._read(event)) is not None]
        known = _known({columns.external_id for _event, columns in read})
        for event, columns in read:
            if _identity(columns) not in known:
                self._accept(event)

    def _read(self, event: dict[str, Any]) -> Envelope | None:
        try:
            found = envelope.read(sanitize(event))
            self.voucher.check(livemode=found.livemode, account=found.account)
            return found
        except (InvalidEnvelope, vouching.NotVouchedFor) as error:
            logger.warning(
                "triggers.reconcile.refused", extra={"external_id": event.get("id"), "reason": str(error)}
            )
            self.counts.refused += 1
            return None

    def _accept(self, event: dict[str, Any]) -> None:
        if self.dry_run:
            self.counts.new += 1
            return
        accepted = inbox.accept_stripe(event)
        if accepted.created:
            self.counts.new += 1
            self.counts.matched += accepted.event.matched_at is not None
            self.counts.started += accepted.started


def _known(ids: set[str]) -> set[tuple[object, ...]]:
    """The identities of the stored events that have one of these ids."""
    rows = Event.objects.filter(source=Source.STRIPE).values_list(*IDENTITY)
    known: set[tuple[object, ...]] = set()
    wanted = sorted(ids)
    for at in range(0, len(wanted), SLICE_EVENTS):
        known |= set(rows.filter(external_id__in=wanted[at : at + SLICE_EVENTS]))
    return known


def _identity(columns: Envelope) -> tuple[object, ...]:
    return tuple(getattr(columns, name) for name in IDENTITY)
