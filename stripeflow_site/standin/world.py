"""Everything one stand-in holds, and the two things that every change does: an effect and its events."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripeflow_site.standin import payloads, thin_events
from stripeflow_site.standin.clock import Clock
from stripeflow_site.standin.delivery import Deliveries, Delivery, Webhook, shuffled_delay
from stripeflow_site.standin.faults import FaultKind, Faults
from stripeflow_site.standin.idempotency import IdempotencyKeys
from stripeflow_site.standin.ledger import Ledger
from stripeflow_site.standin.store import Object, Scope, Store, snapshot

RECENT_EVENTS = 40


@dataclass(frozen=True)
class Origin:
    """Who changes something: an API call (with its request id and key), or a control call."""

    scope: Scope = Scope()
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def via(self) -> str:
        """`api` or `control`."""
        return "api" if self.request_id else "control"


class World:
    """The state of a stand-in. Hold `lock` to read or change objects."""

    def __init__(
        self,
        *,
        ledger: Path,
        api_keys: tuple[str, ...],
        webhook: Webhook | None = None,
        account: str = payloads.ACCOUNT_ID,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.store = Store()
        self.faults = Faults()
        self.keys = IdempotencyKeys(self.clock)
        self.ledger = Ledger(ledger)
        self.deliveries = Deliveries()
        self.api_keys = api_keys
        self.webhook = webhook or Webhook()
        self.account = account
        self.recent: deque[Object] = deque(maxlen=RECENT_EVENTS)

    def reset(self) -> None:
        """Forget objects, keys, faults, deliveries and the clock's offset; the ledger's file goes on."""
        with self.lock:
            self.store.clear()
            self.recent.clear()
            self.keys.clear()
            self.faults.clear()
            self.deliveries.forget()
            self.clock.reset()
            self.ledger.forget()

    def close(self) -> None:
        """End the deliveries and close the ledger."""
        self.faults.clear()
        self.deliveries.close()
        with self.lock:
            self.ledger.close()

    def effect(self, origin: Origin, name: str, obj: Object, **more: Any) -> None:  # noqa: ANN401
        """Write into the ledger what was done to an object."""
        self.ledger.write(
            "effect",
            effect=name,
            object=obj["object"],
            id=obj["id"],
            via=origin.via,
            clock=self.clock.seconds(),
            account=origin.scope.account,
            livemode=origin.scope.livemode,
            request_id=origin.request_id,
            idempotency_key=origin.idempotency_key,
            **more,
            data=obj,
        )

    def emit(
        self,
        origin: Origin,
        type: str,
        obj: Object,
        *,
        previous_attributes: Object | None = None,
        deliver: bool = True,
        **envelope: Any,  # noqa: ANN401 - what else payloads.event takes
    ) -> Object:
        """Make an event that carries the object as it is now, and deliver it if that is wanted."""
        given: dict[str, Any] = {
            "created": self.clock.seconds(),
            "livemode": origin.scope.livemode,
            "account": origin.scope.account,
            "request_id": origin.request_id,
            "idempotency_key": origin.idempotency_key,
        } | envelope
        event = payloads.event(type, snapshot(obj), previous_attributes=previous_attributes, **given)
        self.store.add(origin.scope, event)
        self.recent.append(event)
        wanted = self.webhook.wants(type) and (origin.via == "control" or self.webhook.api_events)
        if deliver and wanted:
            self.deliver(event)
        return event

    def emit_thin(
        self,
        origin: Origin,
        type: str,
        obj: Object,
        *,
        deliver: bool = True,
        **fields: Any,  # noqa: ANN401 - what else thin_events.thin_event takes
    ) -> Object:
        """Keep the object, make a thin event about it, and deliver its notification if that is wanted."""
        given = {"created": self.clock.seconds(), "livemode": origin.scope.livemode} | fields
        if origin.scope.account:
            given = {"context": origin.scope.account} | given
        event = thin_events.thin_event(type, obj, **given)
        self.store.add(origin.scope, snapshot(obj))
        self.store.add(origin.scope, event)
        if deliver and self.webhook.wants(type):
            self.deliver(thin_events.notification(event))
        return event

    def deliver(
        self,
        event: Object,
        *,
        times: int = 1,
        webhook: Webhook | None = None,
        body: bytes | None = None,
        **sending: Any,  # noqa: ANN401 - what else Deliveries.send takes
    ) -> list[Delivery]:
        """Queue that many concurrent copies, and what the delivery faults make of them."""
        event_type = event["type"]
        duplicate = self.faults.on_delivery(FaultKind.DUPLICATE, event_type=event_type)
        shuffle = self.faults.on_delivery(FaultKind.SHUFFLE, event_type=event_type)
        copies = times * (duplicate["times"] if duplicate else 1)
        packed = json.dumps(event, separators=(",", ":")).encode() if body is None else body
        return [
            self.deliveries.send(
                event=event["id"],
                event_type=event_type,
                body=packed,
                webhook=webhook or self.webhook,
                delay=shuffled_delay(shuffle["seconds"]) if shuffle else 0.0,
                **sending,
            )
            for _ in range(copies)
        ]
