"""The only way in: accepts an event once, however often it is delivered, and has it matched.

Nothing here calls the outside. See README.md for what is guaranteed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from triggers import conf, envelope, queue
from triggers.json_safety import sanitize
from triggers.models import Event, MirrorState, Source

logger = logging.getLogger(__name__)

# Returns how many runs it started, or None.
Handler = Callable[[Event], int | None]

MIRROR_TASK = "triggers.tasks.mirror"
# A queue message that has not been worked off by then is taken for lost, and rung again.
MIRROR_GRACE = timedelta(seconds=15)
_LONGEST_DELAY = timedelta(hours=1)
_ERROR_LENGTH = 2000

_handler: Handler | None = None


@dataclass(frozen=True)
class Accepted:
    """The row of an accepted event, and whether this call made it."""

    event: Event
    created: bool


class HandlerAlreadySet(RuntimeError):
    """A second, different handler was registered."""


def set_handler(handler: Handler) -> None:
    """Register what is called with each new event, inside the transaction that stores it.

    Raises HandlerAlreadySet if another one is registered.
    """
    global _handler
    if _handler not in (None, handler):
        raise HandlerAlreadySet(f"{_handler!r} already handles the inbox; {handler!r} cannot.")
    _handler = handler


@contextmanager
def temporary_handler(handler: Handler | None) -> Iterator[None]:
    """Swap the handler for the length of a `with` block; meant for tests."""
    global _handler
    previous, _handler = _handler, handler
    try:
        yield
    finally:
        _handler = previous


def accept_stripe(payload: dict[str, Any], *, raw_body: str, mirror: bool = True) -> Accepted:
    """Accept the Stripe event `payload`, whose signature is already verified.

    `mirror=False` leaves dj-stripe's tables alone. Raises envelope.InvalidEnvelope.
    """
    clean = sanitize(payload)
    columns = asdict(envelope.read(clean))
    return accept(source=Source.STRIPE, payload=clean, raw_body=raw_body, mirror=mirror, **columns)


def accept(
    *,
    source: str,
    external_id: str,
    type: str,
    created: datetime,
    payload: dict[str, Any],
    raw_body: str = "",
    livemode: bool = False,
    account: str = "",
    api_version: str = "",
    object_type: str = "",
    object_id: str = "",
    request_idempotency_key: str = "",
    mirror: bool = False,
) -> Accepted:
    """Store the event once and have it matched; a copy returns the row that is there.

    `created` is aware. If matching fails the event stands, and `sweep` matches it.
    """
    event = Event(
        source=source,
        external_id=external_id,
        type=type,
        created=created,
        payload=sanitize(payload),
        raw_body=sanitize(raw_body),
        livemode=livemode,
        account=account,
        api_version=api_version,
        object_type=object_type,
        object_id=object_id,
        request_idempotency_key=request_idempotency_key,
        mirror_state=MirrorState.PENDING if mirror and conf.mirrors(type) else MirrorState.OFF,
        mirror_due_at=timezone.now() + MIRROR_GRACE,
    )
    return _store(event) or _duplicate(Event.objects.get(source=source, external_id=external_id))


def match(event_id: int) -> bool:
    """Match one event; True if this call did, False if it is matched already or failed.

    A failure is recorded in the row, with the time of the next attempt.
    """
    event = Event.objects.unmatched().filter(pk=event_id).first()
    if event is None or _handler is None:
        return False
    with transaction.atomic():
        return _match_or_record(event)


def sweep(limit: int = 100) -> int:
    """Match up to `limit` events that are due, the longest waiting first; return how many were."""
    if _handler is None:
        return 0
    due = Event.objects.match_due(timezone.now()).values_list("pk", flat=True)[:limit]
    return sum(match(pk) for pk in list(due))


def _store(event: Event) -> Accepted | None:
    """Insert the event and match it, in one transaction; None if it is there already.

    The unique constraint decides, not a look beforehand: nearly all deliveries are first ones. The row
    is inserted as matched, which it is if the transaction is committed, unless the handler fails.
    """
    event.matched_at = timezone.now() if _handler else None
    try:
        with transaction.atomic():
            event.save(force_insert=True)
            _match_new(event)
            _ring_mirror_on_commit(event)
    except IntegrityError:
        # Another copy was first, or a constraint is broken: then the caller's get() raises.
        event.pk = None
        return None
    logger.info("triggers.event.accepted", extra=_facts(event))
    return Accepted(event=event, created=True)


def _match_new(event: Event) -> None:
    if _handler is None:
        return
    try:
        with transaction.atomic():
            started = _handler(event)
        event.started = started or 0
    except Exception as error:
        logger.exception("triggers.event.match_failed", extra=_facts(event))
        event.matched_at = None
        Event.objects.filter(pk=event.pk).update(matched_at=None)
        _record_failure(event, error=error)


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
    """Claim the event by its guarded update, then handle it; both stand or fall together.

    Returns False where another process has matched it.
    """
    now = timezone.now()
    with transaction.atomic():
        if not Event.objects.unmatched().filter(pk=event.pk).update(matched_at=now, match_error=""):
            return False
        started = handler(event)
    event.started = started or 0
    event.matched_at, event.match_error = now, ""
    return True


def _record_failure(event: Event, *, error: Exception) -> None:
    event.match_attempts += 1
    event.match_error = sanitize(f"{type(error).__name__}: {error}")[:_ERROR_LENGTH]
    event.match_due_at = timezone.now() + delay_after(event.match_attempts)
    Event.objects.unmatched().filter(pk=event.pk).update(
        match_attempts=event.match_attempts,
        match_error=event.match_error,
        match_due_at=event.match_due_at,
    )


def delay_after(failures: int) -> timedelta:
    """Return the pause after so many failures: none after the first, then doubling up to an hour."""
    if failures <= 1:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures, 20)), _LONGEST_DELAY)


def _ring_mirror_on_commit(event: Event) -> None:
    if event.mirror_state != MirrorState.PENDING:
        return

    # A function of its own, since Django cannot name a partial when it logs its failure.
    def ring() -> None:
        queue.enqueue(MIRROR_TASK, event.pk)

    queue.on_commit(ring)


def _facts(event: Event) -> dict[str, object]:
    return {"event_id": event.pk, "external_id": event.external_id, "event_type": event.type}
