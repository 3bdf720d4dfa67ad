"""The only way in: accepts an event once, however often it is delivered, and has it matched.

Nothing here makes a call to the outside. README.md says what is guaranteed.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from stripeflow.triggers import conf, envelope, handling, payloads, storing
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.handling import (
    Decided,
    Decider,
    Handler,
    HandlerAlreadySet,
    facts_of,
    set_handler,
    temporary_handler,
)
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event, FetchState, MirrorState
from stripeflow.triggers.sql import Slot, insert
from stripeflow.triggers.turns import Turns
from stripeflow.triggers.vouching import Voucher

__all__ = [
    "Accepted",
    "Decided",
    "Decider",
    "Handler",
    "HandlerAlreadySet",
    "accept",
    "accept_stripe",
    "match",
    "record",
    "set_handler",
    "sweep",
    "temporary_handler",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Accepted:
    """The row of an accepted event, whether this call created it, and how many runs it started at once."""

    event: Event
    created: bool
    started: int = 0


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


def record(columns: Envelope, payload: dict[str, Any]) -> Accepted:
    """Store the event once, as one that starts nothing by itself; a duplicate returns the existing row."""
    clean = sanitize(payload)
    event = _event(columns, json.dumps(clean)).knows(clean)
    event.matched_at = timezone.now()
    try:
        with transaction.atomic():
            insert(event)
    except IntegrityError:
        return Accepted(event=Event.objects.same_as(event).get(), created=False)
    logger.info("triggers.event.recorded", extra=facts_of(event))
    return Accepted(event=event, created=True)


def match(event_id: int) -> bool:
    """Match one event; True if this call did, False if it is matched already or failed.

    A failure is recorded in the row, with the time of the next attempt.
    """
    event = Event.objects.matchable().filter(pk=event_id).first()
    if event is None or handling.handler() is None:
        return False
    with transaction.atomic():
        return _match_or_record(event)


def sweep(limit: int = 100) -> int:
    """Match up to `limit` due events, the longest waiting of each account first; return how many were."""
    if handling.handler() is None:
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
    started = storing.store(event)
    if started is None:
        return _duplicate(Event.objects.same_as(event).get())
    logger.info("triggers.event.accepted", extra=facts_of(event))
    return Accepted(event=event, created=True, started=started)


def _duplicate(event: Event) -> Accepted:
    Event.objects.filter(pk=event.pk).update(duplicates=F("duplicates") + 1)
    logger.info("triggers.event.duplicate", extra=facts_of(event))
    return Accepted(event=event, created=False)


def _match_or_record(event: Event) -> bool:
    handler = handling.handler()
    if handler is None:
        return False
    try:
        return _match_in_savepoint(event, handler=handler)
    except Exception as error:
        logger.exception("triggers.event.match_failed", extra=facts_of(event))
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
    handling.note_failure(event, error=error)
    Event.objects.unmatched().filter(pk=event.pk).update(
        match_attempts=event.match_attempts,
        match_error=event.match_error,
        match_due_at=event.match_due_at,
    )
