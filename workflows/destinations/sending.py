"""Sends one delivery: the attempt is written, then the call is made, then its outcome is written.

No transaction is open during the call, and no connection to the database is held.
"""

import logging
import random
import time
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from stripeflow.actions import outbound
from stripeflow.actions.errors import ActionError
from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.redaction import hiding, redacted
from stripeflow.workflows import lending
from stripeflow.workflows.destinations import disabling
from stripeflow.workflows.destinations.deciding import Decision, Result, decide
from stripeflow.workflows.destinations.signing import headers_of
from stripeflow.workflows.destinations.terms import TIMEOUT_SECONDS
from stripeflow.workflows.models import (
    DeliveryAttempt,
    DestinationSecret,
    EventDelivery,
    EventDestination,
)
from stripeflow.workflows.models.destination import DisabledBecause
from stripeflow.workflows.states import DeliveryStatus

logger = logging.getLogger(__name__)

# Of an answer that nobody reads.
_MAX_BYTES = 1024
_ERROR_LENGTH = 300
_NO_KEY = "No key in the settings opens the signing secret. Add the key, or rotate the secret."


def send(delivery: EventDelivery) -> bool:
    """Send a delivery that this thread has claimed; whether the outcome was written.

    It is not if another process has taken the delivery over since: then that one's outcome counts.
    """
    try:
        with transaction.atomic():
            tried = DeliveryAttempt.objects.create(delivery=delivery, started_at=timezone.now())
    except IntegrityError:
        return False  # its destination was deleted since
    began = time.monotonic()
    result = _result(delivery)
    took = time.monotonic() - began
    decision = decide(result, attempts=delivery.attempts, now=timezone.now(), jitter=random.random())  # noqa: S311
    return _write(delivery, tried, result, decision, took=took)


def _result(delivery: EventDelivery) -> Result:
    body = delivery.event.body.encode()
    try:
        values = _secrets(delivery.destination_id)
    except CannotDecrypt:
        return Result(error=_NO_KEY)
    headers = headers_of(delivery.event.message_id, int(time.time()), body, values)
    with hiding(values), lending.calling():
        return post(delivery.destination.url, headers, body)


def post(url: str, headers: dict[str, str], body: bytes) -> Result:
    """Post a body of JSON, and tell what came of it."""
    whole = {"Content-Type": "application/json", **headers}
    try:
        answer = outbound.send(
            "POST", url, headers=whole, body=body, timeout=TIMEOUT_SECONDS, max_bytes=_MAX_BYTES
        )
    except ActionError as error:
        return Result(error=redacted(str(error))[:_ERROR_LENGTH])
    except Exception as error:
        # Whatever a library raises: the thread goes on, and the attempt has failed.
        logger.exception("workflows.destinations.call_broke_off", extra={"host": urlsplit(url).hostname})
        return Result(error=type(error).__name__)
    return Result(status_code=answer.status, retry_after=answer.retry_after)


def _secrets(destination_id: int) -> list[str]:
    """The values of the secrets that sign now, the newest first. Raises `CannotDecrypt`."""
    rows = DestinationSecret.objects.filter(destination=destination_id).valid(timezone.now())
    return [encryption.decrypted(value) for value in rows.values_list("value", flat=True)]


def _write(
    delivery: EventDelivery, tried: DeliveryAttempt, result: Result, decision: Decision, *, took: float
) -> bool:
    now = timezone.now()
    with transaction.atomic():
        # Its row first: who disables it locks it, and then cancels what waits.
        destination = _locked(delivery.destination_id)
        status = decision.status
        if status is DeliveryStatus.PENDING and not (destination and destination.is_enabled):
            status = DeliveryStatus.CANCELED
        is_done = status.is_final
        mine = EventDelivery.objects.filter(
            pk=delivery.pk, status=DeliveryStatus.SENDING, token=delivery.token
        )
        is_mine = mine.update(
            status=status,
            next_at=None if is_done else decision.next_at,
            finished_at=now if is_done else None,
        )
        DeliveryAttempt.objects.filter(pk=tried.pk).update(
            finished_at=now,
            duration_ms=round(took * 1000),
            status_code=result.status_code,
            error=result.error,
        )
        if destination is not None:
            since = _note(destination, result, decision, now)
            if is_mine and status is DeliveryStatus.FAILED and since is not None:
                _give_up(delivery, result, since)
    whose: dict[str, object] = {"delivery": delivery.pk, "destination": delivery.destination_id}
    how = {"attempt": delivery.attempts, "http_status": result.status_code, "status": str(status)}
    logger.info("workflows.destinations.sent", extra=whose | how)
    return bool(is_mine)


def _locked(destination_id: int) -> EventDestination | None:
    rows = EventDestination.objects.select_for_update(no_key=True)
    return rows.filter(pk=destination_id).first()


def _note(
    destination: EventDestination, result: Result, decision: Decision, now: datetime
) -> datetime | None:
    """Write to the destination since when it fails, which is returned, and when it wants more."""
    since = None if result.is_delivered else destination.failing_since or now
    if (since, decision.resume_at) != (destination.failing_since, destination.resume_at):
        EventDestination.objects.filter(pk=destination.pk).update(
            failing_since=since, resume_at=decision.resume_at
        )
    return since


def _give_up(delivery: EventDelivery, result: Result, failing_since: datetime) -> None:
    """Disable the destination if it asks for that, or took nothing since this delivery was first tried."""
    if result.is_gone:
        disabling.disable(delivery.destination_id, DisabledBecause.GONE)
        return
    ended = delivery.tries.order_by("-pk").values_list("finished_at", flat=True)[: delivery.attempts]
    first = min(filter(None, ended), default=None)
    if first is not None and failing_since <= first:
        disabling.disable(delivery.destination_id, DisabledBecause.FAILING)
