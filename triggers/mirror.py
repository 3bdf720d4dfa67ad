"""Copies accepted Stripe events, and the objects they are about, into dj-stripe's tables.

If the project has handlers for dj-stripe's events, only the objects are copied: see `djstripe_webhook`.

Runs in few workers at once (`mirror_slots`), which copy all that waits. Saving and fetching take turns: no
transaction is open during a fetch, so a slow Stripe holds no lock.
dj-stripe's own event handlers are not run. Every object is taken as it is at Stripe now, since events
arrive in any order.
"""

import json
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import stripe
from django.db import transaction
from django.utils import timezone

from stripeflow.triggers import fetching, mirror_slots, mirrored_objects, queue
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.backoff import delay_after
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event, EventQuerySet, MirrorState
from stripeflow.triggers.queue.tasks import MIRROR
from stripeflow.triggers.redaction import failure
from stripeflow.triggers.stripe_gate import NeedsFetch, Recording, Request, Response, replaying

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
# After this time a worker begins no further event, and notifies for the rest.
DRAIN_SECONDS = 20
# Both times together, with one more fetch, stay below the queue's timeout, which kills the worker.
BUDGET_SECONDS = 50
MAX_FETCHES = 50
# How many waiting events are looked at to take turns by account.
WINDOW = 200
MAX_ATTEMPTS = 10
# Longer than one call to Stripe; the lease is renewed before each.
LEASE = timedelta(seconds=60)
_ERROR_LENGTH = 2000

# The account whose event this process mirrored last.
_last: AccountMode | None = None


class StripeUnavailable(Exception):
    """Stripe was too slow, or answered with a status that is worth another attempt."""


class TooManyFetches(Exception):
    """One event would take more than MAX_FETCHES calls to Stripe."""


class LostEvent(Exception):
    """The event's lease ended, and another worker has taken it."""


def work(event_id: int) -> int:
    """Mirror the event, or fetch it if it is thin, and then others that wait; returns how many.

    Does nothing if MIRROR_WORKERS workers are mirroring: one of them takes the event. Must not be called
    inside a transaction.
    """
    place = mirror_slots.take(timezone.now())
    if place is None:
        return 0
    try:
        done = _drain(place, event_id)
    finally:
        place.release()
    # For events that came after the last query, or do not fit into one turn.
    following = _first_waiting()
    if following is not None:
        queue.enqueue(MIRROR, following)
    return done


def mirror(event_id: int, *, place: mirror_slots.Place | None = None) -> bool:
    """Mirror one event; True if this call has handled it, perhaps by leaving its object alone.

    The place is renewed before each call to Stripe, like the event's lease. A failure is recorded in the row
    with the time of the next attempt, and not raised. Must not be called inside a transaction.
    """
    event = Event.objects.mirror_pending().filter(pk=event_id).first()
    # The attempt is counted before it begins, so that one that kills its worker counts too.
    if event is None or not _claim(event):
        return False
    try:
        reason = _Mirroring(event=event, recording=Recording(), place=place).run()
    except Exception as error:
        logger.exception("triggers.mirror.failed", extra={"event_id": event_id})
        _record_failure(event, error=error)
        return False
    return _record_end(event, reason)


def sweep() -> int:
    """Notify for due events, if no worker mirrors and none was notified lately; returns how many messages.

    An event whose attempts are used up, the last by a worker that died, fails here.
    """
    _give_up()
    found = (waiting.values_list("pk", flat=True).first() for waiting in _waiting())
    due = next(filter(None, found), None)
    if due is None or not mirror_slots.claim_notification(timezone.now()):
        return 0
    queue.enqueue(MIRROR, due)
    return 1


def _drain(place: mirror_slots.Place, event_id: int | None) -> int:
    ends = time.monotonic() + DRAIN_SECONDS
    done = 0
    while event_id is not None:
        done += fetching.fetch(event_id, place=place) or mirror(event_id, place=place)
        if time.monotonic() >= ends or not place.renew(timezone.now()):
            break
        event_id = _first_waiting()
    return done


def _waiting() -> tuple[EventQuerySet, ...]:
    """What waits for Stripe: thin events first, since workflows wait for them."""
    now = timezone.now()
    return Event.objects.fetch_due(now), Event.objects.mirror_due(now)


def _first_waiting() -> int | None:
    return next(filter(None, map(_by_turns, _waiting())), None)


def _by_turns(waiting: EventQuerySet) -> int | None:
    """The next event: among those waiting longest, one of the account after the last account."""
    global _last
    turns: dict[AccountMode, int] = {}
    for pk, *whose in waiting.values_list("pk", *AccountMode._fields)[:WINDOW]:
        turns.setdefault(AccountMode(*whose), pk)
    if not turns:
        return None
    following = [whose for whose in sorted(turns) if _last is None or whose > _last]
    _last = following[0] if following else min(turns)
    return turns[_last]


@dataclass(frozen=True)
class _Mirroring:
    """One attempt: saves in a short transaction, and fetches between two of them."""

    event: Event
    recording: Recording
    place: mirror_slots.Place | None

    def run(self) -> str:
        """Mirror the event; return why its object is left alone, or ""."""
        client = stripe.RequestsClient(
            timeout=TIMEOUT_SECONDS, verify_ssl_certs=stripe.verify_ssl_certs, proxy=stripe.proxy
        )
        deadline = time.monotonic() + BUDGET_SECONDS
        try:
            while isinstance(missing := self._save(), Request):
                self._check_limits(deadline=deadline)
                self._renew()
                self.recording.responses[missing] = _fetch_now(missing, client=client)
            return missing
        finally:
            client.close()

    def _check_limits(self, *, deadline: float) -> None:
        if len(self.recording.responses) >= MAX_FETCHES:
            raise TooManyFetches(f"More than {MAX_FETCHES} calls for one event.")
        if time.monotonic() > deadline:
            raise StripeUnavailable(f"Stripe took more than {BUDGET_SECONDS} seconds.")

    def _renew(self) -> None:
        """Renew the event, and the place if it is still ours: one worker too many does no harm."""
        if not _hold(self.event, attempts=self.event.mirror_attempts):
            raise LostEvent("It took longer than its lease.")
        if self.place is not None:
            self.place.renew(timezone.now())

    def _save(self) -> Request | str:
        """Save everything, or return what has to be fetched before that."""
        try:
            with replaying(self.recording), transaction.atomic(durable=True):
                return mirrored_objects.save(self.event)
        except NeedsFetch as needed:
            return needed.request


def _fetch_now(request: Request, *, client: stripe.RequestsClient) -> Response:
    content, status, headers = client.request_with_retries(
        "get", request.url, request.headers, max_network_retries=0
    )
    logger.info("triggers.mirror.fetched", extra={"url": request.url, "status": status})
    if status in (409, 429) or status >= 500:
        raise StripeUnavailable(f"Stripe answered {status}.")
    return _storable(cast(bytes, content)), status, headers


def _storable(content: bytes) -> bytes:
    # dj-stripe stores the object as it comes, and PostgreSQL refuses NUL.
    if b"\\u0000" not in content:
        return content
    return json.dumps(sanitize(json.loads(content))).encode()


def _claim(event: Event) -> bool:
    """Claim the event for one more attempt; False if another process claimed it first."""
    return _hold(event, attempts=event.mirror_attempts + 1)


def _hold(event: Event, *, attempts: int) -> bool:
    """Lease the event from now on; False if another process has changed it since it was read."""
    until = timezone.now() + LEASE
    same = Event.objects.mirror_pending().filter(pk=event.pk, mirror_due_at=event.mirror_due_at)
    if not same.update(mirror_due_at=until, mirror_attempts=attempts):
        return False
    event.mirror_due_at, event.mirror_attempts = until, attempts
    return True


def _give_up() -> None:
    spent = Event.objects.mirror_due(timezone.now()).filter(mirror_attempts__gte=MAX_ATTEMPTS)
    spent.order_by().update(mirror_state=MirrorState.FAILED)


def _record_end(event: Event, reason: str) -> bool:
    """Record that all is copied, or with a reason that the object is left alone, which no attempt changes."""
    state = MirrorState.LEFT if reason else MirrorState.DONE
    pending = Event.objects.mirror_pending().filter(pk=event.pk)
    landed = pending.update(mirror_state=state, mirrored_at=timezone.now(), mirror_error=sanitize(reason))
    facts = {"event_id": event.pk, "external_id": event.external_id, "state": str(state)}
    logger.info("triggers.mirror.done", extra=facts)
    return bool(landed)


def _record_failure(event: Event, *, error: Exception) -> None:
    mine = Event.objects.mirror_pending().filter(pk=event.pk, mirror_due_at=event.mirror_due_at)
    mine.update(
        mirror_error=failure(error, most=_ERROR_LENGTH),
        mirror_due_at=timezone.now() + delay_after(event.mirror_attempts),
        mirror_state=MirrorState.FAILED if event.mirror_attempts >= MAX_ATTEMPTS else MirrorState.PENDING,
    )
