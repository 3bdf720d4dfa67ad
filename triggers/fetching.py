"""Fetches thin events, which name what happened without its data, before they are matched.

Stripe's API v2 sends them (https://docs.stripe.com/event-destinations). A worker reads the event itself and
then the object that it is about, and puts the two together as an event of the API v1 would carry them:
conditions, references and rehearsals know one shape only.
"""

import logging
import re
from datetime import timedelta
from typing import Any

import stripe
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers import inbox, payloads, stripe_reads
from stripeflow.triggers.backoff import delay_after
from stripeflow.triggers.envelope import inner
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.mirror_slots import Place
from stripeflow.triggers.models import Event, FetchState
from stripeflow.triggers.redaction import failure, redacted
from stripeflow.triggers.stripe_reads import NotRead
from stripeflow.triggers.widths import fitted

logger = logging.getLogger(__name__)

# Longer than both calls of one attempt.
LEASE = timedelta(seconds=60)
# How long Stripe keeps an event.
KEPT = timedelta(days=30)
# The paths of Stripe's objects; no other path is requested, whatever an event names.
_ADDRESS = re.compile(r"/v[12](/[A-Za-z0-9_-]+)+")
_ERROR_LENGTH = 2000


def fetch(event_id: int, *, place: Place | None = None) -> bool:
    """Fetch one event and match it; True if this call has fetched it.

    A failure is recorded in the row with the time of the next attempt, at the latest an hour later, as long
    as Stripe keeps the event. Must not be called inside a transaction.
    """
    event = Event.objects.fetch_pending().filter(pk=event_id).first()
    # The attempt is counted before it begins, so that one that kills its worker counts too.
    if event is None or not _claim(event):
        return False
    if place is not None:
        place.renew(timezone.now())
    try:
        payload = _read(event, place)
    except Exception as error:
        logger.exception("triggers.fetch.failed", extra=_facts(event))
        _record_failure(event, error)
        return False
    if not _record(event, payload):
        return False
    logger.info("triggers.fetch.done", extra=_facts(event))
    inbox.match(event.pk)
    return True


def _read(event: Event, place: Place | None) -> dict[str, Any]:
    context = payloads.account_of(event.payload)
    client = stripe_reads.client(livemode=event.livemode, context=context)
    whole = stripe_reads.get(client, f"/v2/core/events/{_id_of(event)}")
    related = whole.get("related_object") or event.payload.get("related_object")
    if place is not None:
        place.renew(timezone.now())
    return composed(event, whole, _object(client, related if isinstance(related, dict) else {}))


def _id_of(event: Event) -> str:
    """The event's id at Stripe, whole."""
    found = event.payload["id"]
    if not re.fullmatch("[A-Za-z0-9_]+", found):
        raise NotRead(_("The event's ID is none that Stripe could be asked for."))
    return found


def _object(client: stripe.StripeClient, related: dict[str, Any]) -> dict[str, Any]:
    """The object that the event is about, or what the event says of it if Stripe no longer has it."""
    known = {"id": related.get("id"), "object": related.get("type")}
    address = related.get("url")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        return {name: value for name, value in known.items() if isinstance(value, str)}
    try:
        return stripe_reads.get(client, address)
    except NotRead as error:
        if error.status == 404:  # noqa: PLR2004  not found: nothing will bring it back
            return known
        raise


def composed(event: Event, whole: dict[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    """The payload of the thin `event`: its object, and what changed, in the places of API v1."""
    changes, data = inner(whole, "changes"), inner(whole, "data")
    before = {"previous_attributes": changes["before"]} if isinstance(changes.get("before"), dict) else {}
    request = inner(inner(whole, "reason"), "request") or inner(inner(event.payload, "reason"), "request")
    payload: dict[str, Any] = {
        **event.payload,
        **whole,
        # The columns that identify it stay as they were.
        **{name: event.payload[name] for name in ("id", "type", "livemode") if name in event.payload},
        "created": int(event.created.timestamp()),
        "request": {"id": request.get("id"), "idempotency_key": request.get("idempotency_key")},
        "data": {**data, "object": subject, **before},
    }
    return sanitize(payloads.completed({**payload, "context": event.payload.get("context")}))


def _claim(event: Event) -> bool:
    """Claim the event for one more attempt; False if another process claimed it first."""
    until, attempts = timezone.now() + LEASE, event.match_attempts + 1
    if not _mine(event).update(match_due_at=until, match_attempts=attempts):
        return False
    event.match_due_at, event.match_attempts = until, attempts
    return True


def _mine(event: Event) -> Any:  # noqa: ANN401  a queryset
    """The row, if it has not changed since it was read."""
    return Event.objects.fetch_pending().filter(pk=event.pk, match_due_at=event.match_due_at)


def _record(event: Event, payload: dict[str, Any]) -> bool:
    subject = payload["data"]["object"]
    columns = {"object_type": subject.get("object"), "object_id": subject.get("id")}
    known = {name: fitted(value) for name, value in columns.items() if isinstance(value, str)}
    return bool(
        _mine(event).update(
            stored_payload=payload,
            fetch_state=FetchState.DONE,
            match_due_at=timezone.now(),
            match_attempts=0,
            match_error="",
            **known,
        )
    )


def _record_failure(event: Event, error: Exception) -> None:
    now = timezone.now()
    plain = redacted(sanitize(str(error)))[:_ERROR_LENGTH]
    _mine(event).update(
        match_error=plain if isinstance(error, NotRead) else failure(error, most=_ERROR_LENGTH),
        match_due_at=now + delay_after(event.match_attempts),
        fetch_state=FetchState.FAILED if event.received_at < now - KEPT else FetchState.PENDING,
    )


def _facts(event: Event) -> dict[str, object]:
    return {"event_id": event.pk, "external_id": event.external_id, "event_type": event.type}
