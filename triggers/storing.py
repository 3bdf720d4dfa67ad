"""Stores a new event and all that it starts, by one commit with those that arrive at the same moment."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import Model
from django.utils import timezone

from stripeflow.triggers import queue
from stripeflow.triggers.handling import Decided, Handler, decider, facts_of, handler, note_failure
from stripeflow.triggers.models import IDENTITY, Event
from stripeflow.triggers.sql import (
    ALONE,
    Alone,
    SharedCommit,
    can_insert_together,
    insert,
    insert_all_together,
    insert_together,
)

logger = logging.getLogger(__name__)


class _MatchFailed(Exception):
    """The handler raised `__cause__`. Everything that the transaction wrote is undone."""


def store(event: Event) -> int | None:
    """Store the event and all that it starts; how many runs that is, None for a copy."""
    return _stored.write(event)


def _store_alone(event: Event) -> int | None:
    """Store the event and all that it starts; how many runs that is, None for a copy."""
    # An attempt together with other events may have set them.
    event.pk, event.matched_at = None, None
    started = _store_at_once(event)
    return _store_stepwise(event) if started is None else started


def _store_together(events: Sequence[Event]) -> list[int | Alone | None]:
    """Store the events and all that they start, by a few statements for all of them.

    Whatever is not so simple is left: a copy, an event that the handler decides for, and all of them if a
    limit is reached. Raises what the database and the decider raise.
    """
    started: dict[int, int] = {}
    several = {_identity(event): event for event in events if event.is_whole}
    decide = decider()
    if decide is not None:
        with _until_stored():
            decided = decide(list(several.values()))
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
    decide = decider()
    if decide is None or not event.is_whole or queue.writes_in_transaction() or not can_insert_together():
        return None
    try:
        return decide([event])
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001  the handler fails in the same way, and its failure is recorded
        return None


def _store_stepwise(event: Event) -> int | None:
    """Insert the event and match it, in one transaction; how many runs that started, None for a copy.

    The row is inserted as matched, since it is matched once the transaction commits. If the handler fails,
    everything is undone, and the event is inserted again for the sweep to match.
    """
    try:
        return _insert(event, handler=handler() if event.is_whole else None)
    except IntegrityError:
        # A duplicate was first, or another constraint is broken: then the caller's get() raises.
        return None
    except _MatchFailed as failed:
        return _store_unmatched(event, error=failed.__cause__ or failed)


def _store_unmatched(event: Event, *, error: BaseException) -> int | None:
    logger.error("triggers.event.match_failed", extra=facts_of(event), exc_info=error)
    event.pk = None
    note_failure(event, error=error)
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
