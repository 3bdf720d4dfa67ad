"""Webhook deliveries: signed with Stripe's scheme v1, sent by a bounded pool, retried a few times."""

import hashlib
import hmac
import http.client
import itertools
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from stripeflow_site.standin.pool import DelayedPool

logger = logging.getLogger(__name__)

CONCURRENT = 80
KEPT = 50_000
SHOWN_BODY = 300


@dataclass(frozen=True)
class Webhook:
    """Where and how events are delivered; without a URL nothing is."""

    url: str = ""
    secrets: tuple[str, ...] = ()
    enabled_events: tuple[str, ...] = ("*",)
    api_events: bool = True
    max_attempts: int = 3
    retry_seconds: float = 1.0
    timeout_seconds: float = 20.0

    def wants(self, event_type: str) -> bool:
        """Whether events of that type are delivered."""
        return bool(self.url) and ("*" in self.enabled_events or event_type in self.enabled_events)


@dataclass
class Delivery:
    """One delivery of one event: its attempts so far and how it stands."""

    id: int
    event: str
    event_type: str
    webhook: Webhook
    body: bytes
    timestamp: int | None = None
    signature: str | None = None
    status: str = "pending"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As the delivery log shows it; the status is pending, delivered or failed."""
        return {
            "id": self.id,
            "event": self.event,
            "type": self.event_type,
            "url": self.webhook.url,
            "status": self.status,
            "attempts": list(self.attempts),
        }


def signature_header(body: bytes, *, timestamp: int, secrets: tuple[str, ...]) -> str:
    """The `Stripe-Signature` of a body: one v1 part per secret, as during a rotation."""
    signed = f"{timestamp}.".encode() + body
    parts = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={part}" for part in parts)])


class Deliveries:
    """The pool that delivers, and the log of what it did."""

    def __init__(self, *, concurrent: int = CONCURRENT) -> None:
        self._pool = DelayedPool(concurrent, name="delivery")
        self._settled = threading.Condition()
        self._ids = itertools.count(1)
        self._log: deque[Delivery] = deque()
        self._of_event: dict[str, list[Delivery]] = {}
        self._pending = 0
        self._generation = 0

    def send(
        self,
        *,
        event: str,
        event_type: str,
        body: bytes,
        webhook: Webhook,
        delay: float = 0.0,
        timestamp: int | None = None,
        signature: str | None = None,
    ) -> Delivery:
        """Queue one delivery, `delay` seconds from now.

        Each attempt is signed afresh, unless a timestamp or the whole header is given.
        """
        delivery = Delivery(next(self._ids), event, event_type, webhook, body, timestamp, signature)
        with self._settled:
            self._keep(delivery)
            self._pending += 1
        self._pool.submit(self._attempt, delivery, self._generation, delay=delay)
        return delivery

    def log(self, *, event: str | None = None) -> list[dict[str, Any]]:
        """The deliveries, oldest first."""
        with self._settled:
            kept = self._log if event is None else self._of_event.get(event, [])
            return [delivery.to_json() for delivery in kept]

    def of_event(self, event: str) -> list[Delivery]:
        """The deliveries of one event, oldest first."""
        with self._settled:
            return list(self._of_event.get(event, []))

    def wait(self, timeout: float, deliveries: list[Delivery] | None = None) -> bool:
        """Wait until those (or all) have settled; False if `timeout` seconds were not enough."""

        def done() -> bool:
            if deliveries is None:
                return self._pending == 0
            return all(delivery.status != "pending" for delivery in deliveries)

        with self._settled:
            return self._settled.wait_for(done, timeout)

    def forget(self) -> None:
        """Empty the log, and give up what has not begun or waits to be retried."""
        self._generation += 1
        self._pool.hurry()
        with self._settled:
            self._log.clear()
            self._of_event.clear()

    def close(self) -> None:
        """Take no more."""
        self._pool.close()

    def _keep(self, delivery: Delivery) -> None:
        self._log.append(delivery)
        self._of_event.setdefault(delivery.event, []).append(delivery)
        if len(self._log) > KEPT:
            self._of_event.pop(self._log.popleft().event, None)

    def _attempt(self, delivery: Delivery, generation: int) -> None:
        if generation != self._generation:
            self._settle(delivery, "failed")
            return
        tried = _post(delivery)
        ok = 200 <= (tried["http_status"] or 0) < 300
        again = not ok and len(delivery.attempts) + 1 < delivery.webhook.max_attempts
        with self._settled:
            delivery.attempts.append(tried)
        if not again:
            self._settle(delivery, "delivered" if ok else "failed")
            return
        wait = delivery.webhook.retry_seconds * 2 ** (len(delivery.attempts) - 1)
        self._pool.submit(self._attempt, delivery, generation, delay=wait)

    def _settle(self, delivery: Delivery, status: str) -> None:
        with self._settled:
            delivery.status = status
            self._pending -= 1
            self._settled.notify_all()


def _post(delivery: Delivery) -> dict[str, Any]:
    """One attempt; what went wrong is part of what it returns."""
    began = time.time()
    timestamp = int(began) if delivery.timestamp is None else delivery.timestamp
    signature = delivery.signature
    if signature is None:
        signature = signature_header(delivery.body, timestamp=timestamp, secrets=delivery.webhook.secrets)
    tried = {"at": began, "http_status": None, "error": "", "body": "", "seconds": 0.0}
    try:
        tried["http_status"], tried["body"] = _exchange(delivery.webhook, delivery.body, signature)
    except (OSError, http.client.HTTPException, ValueError) as error:
        tried["error"] = f"{type(error).__name__}: {error}"
        logger.info("standin.delivery.unreachable", extra={"event": delivery.event, "error": tried["error"]})
    tried["seconds"] = round(time.time() - began, 4)
    return tried


def _exchange(webhook: Webhook, body: bytes, signature: str) -> tuple[int, str]:
    url = urlsplit(webhook.url)
    door: Callable[..., http.client.HTTPConnection] = (
        http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    )
    connection = door(url.hostname or "", url.port, timeout=webhook.timeout_seconds)
    headers = {
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Connection": "close",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", target, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(SHOWN_BODY).decode(errors="replace")
    finally:
        connection.close()


def shuffled_delay(seconds: float) -> float:
    """How long one of the deliveries that are to be shuffled waits."""
    return random.uniform(0, seconds)  # noqa: S311 - no secret hangs on it
