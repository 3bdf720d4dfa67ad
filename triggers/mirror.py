"""Copies accepted Stripe events, and the objects they are about, into dj-stripe's tables.

Runs in a worker. Saving and fetching take turns: a transaction is never open during a fetch, so
that a slow Stripe holds no lock. dj-stripe's own event handlers are not run. Every object is taken
as it is at Stripe now, since events arrive in any order.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import stripe
from django.db import transaction
from django.utils import timezone

from triggers import mirrored_objects, queue
from triggers.inbox import MIRROR_GRACE, MIRROR_TASK
from triggers.json_safety import sanitize
from triggers.models import Event, MirrorState
from triggers.stripe_gate import NeedsFetch, Recording, Request, Response, replaying

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
MAX_FETCHES = 50
MAX_ATTEMPTS = 10
# Longer than one attempt can take within the queue's own timeout.
LEASE = timedelta(minutes=5)
_FIRST_DELAY = timedelta(seconds=10)
_LONGEST_DELAY = timedelta(hours=1)
_ERROR_LENGTH = 2000


class StripeUnavailable(Exception):
    """Stripe answered with a status that is worth another attempt."""


class TooManyFetches(Exception):
    """One event would take more than MAX_FETCHES calls to Stripe."""


def mirror(event_id: int) -> bool:
    """Mirror one event; True if it is in dj-stripe's tables after this call and was not before.

    A failure is recorded in the row with the time of the next attempt, and not raised. Must not be
    called inside a transaction.
    """
    event = Event.objects.mirror_pending().filter(pk=event_id).first()
    if event is None or not _claim(event, until=timezone.now() + LEASE):
        return False
    try:
        _Mirroring(event=event, recording=Recording()).run()
    except Exception as error:
        logger.exception("triggers.mirror.failed", extra={"event_id": event_id})
        _record_failure(event, error=error)
        return False
    return _record_success(event)


def sweep(limit: int = 100) -> int:
    """Ring again for up to `limit` pending events that are due; return how many were rung."""
    due = list(Event.objects.mirror_due(timezone.now()).defer("payload", "raw_body")[:limit])
    claimed = [event for event in due if _claim(event, until=timezone.now() + MIRROR_GRACE)]
    for event in claimed:
        queue.enqueue(MIRROR_TASK, event.pk)
    return len(claimed)


def delay_after(failures: int) -> timedelta:
    """Return the pause after so many failures: ten seconds, doubling up to an hour."""
    return min(_FIRST_DELAY * 2 ** min(max(failures - 1, 0), 20), _LONGEST_DELAY)


@dataclass(frozen=True)
class _Mirroring:
    """One attempt: saves in a short transaction, and fetches between two of them."""

    event: Event
    recording: Recording

    def run(self) -> None:
        client = stripe.RequestsClient(
            timeout=TIMEOUT_SECONDS, verify_ssl_certs=stripe.verify_ssl_certs, proxy=stripe.proxy
        )
        try:
            for _fetch in range(MAX_FETCHES + 1):
                missing = self._save()
                if missing is None:
                    return
                self.recording.responses[missing] = _fetch_now(missing, client=client)
        finally:
            client.close()
        raise TooManyFetches(f"More than {MAX_FETCHES} calls for one event.")

    def _save(self) -> Request | None:
        """Save everything, or return what has to be fetched before that."""
        try:
            with replaying(self.recording), transaction.atomic(durable=True):
                mirrored_objects.save(self.event)
        except NeedsFetch as needed:
            return needed.request
        return None


def _fetch_now(request: Request, *, client: stripe.RequestsClient) -> Response:
    content, status, headers = client.request_with_retries(
        "get", request.url, request.headers, max_network_retries=0
    )
    logger.info("triggers.mirror.fetched", extra={"url": request.url, "status": status})
    if status in (409, 429) or status >= 500:
        raise StripeUnavailable(f"Stripe answered {status}.")
    return _storable(content), status, headers


def _storable(content: bytes) -> bytes:
    # dj-stripe stores the object as it comes, and PostgreSQL refuses NUL.
    if b"\\u0000" not in content:
        return content
    return json.dumps(sanitize(json.loads(content))).encode()


def _claim(event: Event, *, until: datetime) -> bool:
    """Take the event until then; False where another process took it first."""
    taken = Event.objects.mirror_pending().filter(pk=event.pk, mirror_due_at=event.mirror_due_at)
    if not taken.update(mirror_due_at=until):
        return False
    event.mirror_due_at = until
    return True


def _record_success(event: Event) -> bool:
    pending = Event.objects.mirror_pending().filter(pk=event.pk)
    landed = pending.update(mirror_state=MirrorState.DONE, mirrored_at=timezone.now(), mirror_error="")
    logger.info("triggers.mirror.done", extra={"event_id": event.pk, "external_id": event.external_id})
    return bool(landed)


def _record_failure(event: Event, *, error: Exception) -> None:
    attempts = event.mirror_attempts + 1
    claimed = Event.objects.mirror_pending().filter(pk=event.pk, mirror_due_at=event.mirror_due_at)
    claimed.update(
        mirror_attempts=attempts,
        mirror_error=sanitize(f"{type(error).__name__}: {error}")[:_ERROR_LENGTH],
        mirror_due_at=timezone.now() + delay_after(attempts),
        mirror_state=MirrorState.FAILED if attempts >= MAX_ATTEMPTS else MirrorState.PENDING,
    )
