"""The only way in: accepts an event once, however often it is delivered, and has it matched.

Nothing here makes a call to the outside. README.md says what is guaranteed.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import F, Model
from django.utils import timezone

from stripeflow.triggers import conf, envelope, payloads, queue
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import IDENTITY, Event, FetchState, MirrorState
from stripeflow.triggers.redaction import failure
from stripeflow.triggers.sql import (
    ALONE,
    Alone,
    Bound,
    SharedCommit,
    Slot,
    can_insert_together,
    insert,
    insert_all_together,
    insert_together,
)
from stripeflow.triggers.turns import Turns
from stripeflow.triggers.vouching import Voucher

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Decided:
    """What some events start, decided before anything is written.

    `rows` has for each event, in their order, the rows that are to name it; None leaves the event to the
    handler. `notify` is called with the rows that were stored. If one of the queries `unless` finds a row,
    the handler decides for all events.
    """

    rows: Sequence[Sequence[Model] | None]
    notify: Callable[[Sequence[Any]], None]
    unless: Sequence[Bound] = ()


# Returns how many runs it started, or None.
Handler = Callable[[Event], int | None]
# Decides for events that are not stored yet, and will be at the same moment, without writing.
Decider = Callable[[Sequence[Event]], Decided]

_LONGEST_DELAY = timedelta(hours=1)
_ERROR_LENGTH = 2000

_handler: Handler | None = None
_decider: Decider | None = None


@dataclass(frozen=True)
class Accepted:
    """The row of an accepted event, whether this call created it, and how many runs it started at once."""

    event: Event
    created: bool
    started: int = 0


class HandlerAlreadySet(RuntimeError):
    """A second, different handler was registered."""


class _MatchFailed(Exception):
    """The handler raised `__cause__`. Everything that the transaction wrote is undone."""


def set_handler(handler: Handler, decider: Decider | None = None) -> None:
    """Register the function that is called with each new event, inside the transaction that stores it.

    If one statement can store everything, `decider` is called first, before the event is stored. Raises
    HandlerAlreadySet if another handler is registered.
    """
    global _handler, _decider
    if _handler not in (None, handler):
        raise HandlerAlreadySet(f"{_handler!r} already handles the inbox; {handler!r} cannot.")
    _handler, _decider = handler, decider


@contextmanager
def temporary_handler(handler: Handler | None, decider: Decider | None = None) -> Iterator[None]:
    """Swap the handler and the decider for the length of a `with` block; meant for tests."""
    global _handler, _decider
    previous = _handler, _decider
    _handler, _decider = handler, decider
    try:
        yield
    finally:
        _handler, _decider = previous


def accept_stripe(
    payload: dict[str, Any], *, raw_body: str = "", mirror: bool = True, voucher: Voucher | None = None
) -> Accepted:
    """Accept the Stripe event `payload`, whose signature is already verified.

    `raw_body` is the text that `payload` was parsed from by `strict_json`; by default it is written as JSON.
    Only the text is stored.
    `voucher` says for which events that proof is valid; None for all. `mirror=False` leaves dj-stripe's
    tables alone. Raises envelope.InvalidEnvelope, and vouching.NotVouchedFor.
    """
    clean = payloads.sanitized(payload, text=raw_body) if raw_body else sanitize(payload)
    found = envelope.read(clean)
    if voucher is not None:
        voucher.check(livemode=found.livemode, account=found.account)
    # dj-stripe has no tables for events of the API v2.
    mirror = mirror and found.fetch_state == FetchState.NONE
    event = _event(found, raw_body or json.dumps(clean), mirror=mirror)
    return _accept(event.knows(payloads.completed(clean)))


def accept(columns: Envelope, payload: dict[str, Any], raw_body: str = "") -> Accepted:
    """Store the event once and have it matched; a duplicate returns the existing row.

    The object of the event is in `payload["data"]["object"]`. A `raw_body` is kept beside it; without one
    the payload, as JSON, is the event's text. If matching fails the event stays stored, and `sweep` matches
    it.
    """
    clean = sanitize(payload)
    event = _event(columns, raw_body or json.dumps(clean)).knows(clean)
    if raw_body:
        event.payload = clean
    return _accept(event)


def match(event_id: int) -> bool:
    """Match one event; True if this call did, False if it is matched already or failed.

    A failure is recorded in the row, with the time of the next attempt.
    """
    event = Event.objects.matchable().filter(pk=event_id).first()
    if event is None or _handler is None:
        return False
    with transaction.atomic():
        return _match_or_record(event)


def sweep(limit: int = 100) -> int:
    """Match up to `limit` due events, the longest waiting of each account first; return how many were."""
    if _handler is None:
        return 0
    return sum(match(pk) for pk in _UNMATCHED.take(limit, now=timezone.now()))


_UNMATCHED = Turns(
    lambda: Event.objects.matchable().filter(match_due_at__lte=Slot(Event, "match_due_at", "now")),
    order="match_due_at",
    window=100,
)


def _event(found: Envelope, raw_body: str, *, mirror: bool = False) -> Event:
    """The row of a new event."""
    now = timezone.now()
    mirrors = mirror and conf.mirrors(found.type)
    return Event(
        source=found.source,
        external_id=found.external_id,
        type=found.type,
        created=found.created,
        livemode=found.livemode,
        account=found.account,
        api_version=found.api_version,
        object_type=found.object_type,
        object_id=found.object_id,
        request_idempotency_key=found.request_idempotency_key,
        body_digest=found.body_digest,
        fetch_state=found.fetch_state,
        raw_body=sanitize(raw_body),
        received_at=now,
        match_due_at=now,
        mirror_state=MirrorState.PENDING if mirrors else MirrorState.OFF,
        mirror_due_at=now,
    )


def _accept(event: Event) -> Accepted:
    """Store the event, or find the existing row.

    The unique constraint decides, without a query beforehand: nearly all deliveries are first ones.
    """
    started = _stored.write(event)
    if started is None:
        return _duplicate(Event.objects.same_as(event).get())
    logger.info("triggers.event.accepted", extra=_facts(event))
    return Accepted(event=event, created=True, started=started)


def _store_alone(event: Event) -> int | None:
    """Store the event and all that it starts; how many runs that is, None for a copy."""
    # An attempt together with other events may have set them.
    event.pk, event.matched_at = None, None
    started = _store_at_once(event)
    return _store(event) if started is None else started


def _store_together(events: Sequence[Event]) -> list[int | Alone | None]:
    """Store the events and all that they start, by a few statements for all of them.

    Whatever is not so simple is left: a copy, an event that the handler decides for, and all of them if a
    limit is reached. Raises what the database and the decider raise.
    """
    started: dict[int, int] = {}
    several = {_identity(event): event for event in events if event.is_whole}
    if _decider is not None:
        with _until_stored():
            decided = _decider(list(several.values()))
            started = _insert_together(zip(several.values(), decided.rows, strict=True), decided)
    return [started.get(id(event), ALONE) for event in events]


def _until_stored() -> AbstractContextManager[object]:
    """The transaction in which events are decided and stored; none where storing them is one statement.

    On SQLite reading outside of it would take its lock once more.
    """
    if can_insert_together() and not queue.writes_in_transaction():
        return nullcontext()
    return transaction.atomic()


def _insert_together(
    asked: Iterable[tuple[Event, Sequence[Model] | None]], decided: Decided
) -> dict[int, int]:
    """Store the events with their rows; returns for each that is stored, by its `id()`, how many rows."""
    pairs = [(event, rows) for event, rows in asked if rows is not None]
    for event, _rows in pairs:
        event.matched_at = timezone.now()
    stored = insert_all_together(pairs, link="event", unique=IDENTITY, unless=decided.unless)
    decided.notify([row for _event, rows in stored for row in rows])
    return {id(event): len(rows) for event, rows in stored}


def _identity(event: Event) -> tuple[object, ...]:
    return tuple(getattr(event, name) for name in IDENTITY)


_stored = SharedCommit(_store_alone, together=_store_together, order=_identity)


def _store_at_once(event: Event) -> int | None:
    """Decide first, then insert the event and all that it starts in one statement, if possible.

    Returns how many runs it started; None if it is not possible, or the event exists. Then nothing is
    written.
    """
    decided = _decided(event)
    rows = decided.rows[0] if decided is not None else None
    if decided is None or rows is None:
        return None
    event.matched_at = timezone.now()
    try:
        is_stored = insert_together(event, rows, link="event", unless=decided.unless)
    except OperationalError:
        raise
    except DatabaseError:  # a duplicate, or a row that the database refuses: storing step by step shows which
        is_stored = False
    if not is_stored:
        event.matched_at = None
        return None
    decided.notify(rows)
    return len(rows)


def _decided(event: Event) -> Decided | None:
    if _decider is None or not event.is_whole or queue.writes_in_transaction() or not can_insert_together():
        return None
    try:
        return _decider([event])
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001  the handler fails in the same way, and its failure is recorded
        return None


def _store(event: Event) -> int | None:
    """Insert the event and match it, in one transaction; how many runs that started, None for a copy.

    The row is inserted as matched, since it is matched once the transaction commits. If the handler fails,
    everything is undone, and the event is inserted again for the sweep to match.
    """
    try:
        return _insert(event, handler=_handler if event.is_whole else None)
    except IntegrityError:
        # A duplicate was first, or another constraint is broken: then the caller's get() raises.
        return None
    except _MatchFailed as failed:
        return _store_unmatched(event, error=failed.__cause__ or failed)


def _store_unmatched(event: Event, *, error: BaseException) -> int | None:
    logger.error("triggers.event.match_failed", extra=_facts(event), exc_info=error)
    event.pk = None
    _note_failure(event, error=error)
    try:
        return _insert(event, handler=None)
    except IntegrityError:
        return None


def _insert(event: Event, *, handler: Handler | None) -> int:
    event.matched_at = timezone.now() if handler else None
    with transaction.atomic():
        insert(event)
        if handler is None:
            return 0
        try:
            return handler(event) or 0
        except Exception as error:
            raise _MatchFailed from error


def _duplicate(event: Event) -> Accepted:
    Event.objects.filter(pk=event.pk).update(duplicates=F("duplicates") + 1)
    logger.info("triggers.event.duplicate", extra=_facts(event))
    return Accepted(event=event, created=False)


def _match_or_record(event: Event) -> bool:
    if _handler is None:
        return False
    try:
        return _match_in_savepoint(event, handler=_handler)
    except Exception as error:
        logger.exception("triggers.event.match_failed", extra=_facts(event))
        _record_failure(event, error=error)
        return False


def _match_in_savepoint(event: Event, *, handler: Handler) -> bool:
    """Claim the event by a guarded update, then handle it, in one transaction.

    Returns False where another process has matched it.
    """
    now = timezone.now()
    with transaction.atomic():
        if not Event.objects.matchable().filter(pk=event.pk).update(matched_at=now, match_error=""):
            return False
        handler(event)
    event.matched_at, event.match_error = now, ""
    return True


def _record_failure(event: Event, *, error: Exception) -> None:
    _note_failure(event, error=error)
    Event.objects.unmatched().filter(pk=event.pk).update(
        match_attempts=event.match_attempts,
        match_error=event.match_error,
        match_due_at=event.match_due_at,
    )


def _note_failure(event: Event, *, error: BaseException) -> None:
    event.match_attempts += 1
    event.match_error = failure(error, most=_ERROR_LENGTH)
    event.match_due_at = timezone.now() + delay_after(event.match_attempts)


def delay_after(failures: int) -> timedelta:
    """Return the pause after so many failures: none after the first, then doubling up to an hour."""
    if failures <= 1:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures, 20)), _LONGEST_DELAY)


def _facts(event: Event) -> dict[str, object]:
    return {"event_id": event.pk, "external_id": event.external_id, "event_type": event.type}
