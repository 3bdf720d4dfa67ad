"""The columns of an `Event`, and how they are read from Stripe's event, which is never refused for its shape.

A value that does not fit its column is cut there (`widths`), and one of an unexpected type counts as absent.
The body keeps everything.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.models import FetchState, Source
from stripeflow.triggers.payloads import account_of
from stripeflow.triggers.widths import fitted

SNAPSHOT = "event"
THIN = "v2.core.event"
# 9999-12-31, the last day that a datetime can hold.
_LATEST = 253_402_214_400


class InvalidEnvelope(ValueError):
    """The payload is not an event of Stripe's; the message is a sentence that says why."""


@dataclass(frozen=True)
class Envelope:
    """The facts about an event that the inbox keeps in columns. `created` is aware.

    `external_id` is unique within its source, account and mode.
    """

    external_id: str
    type: str
    created: datetime
    livemode: bool = False
    account: str = ""
    api_version: str = ""
    object_type: str = ""
    object_id: str = ""
    request_idempotency_key: str = ""
    body_digest: str = ""
    fetch_state: str = FetchState.NONE
    source: str = Source.STRIPE


def read(payload: Any) -> Envelope:  # noqa: ANN401  any JSON value
    """Return the columns for the Stripe event `payload`, which is sanitized.

    Sources: https://docs.stripe.com/api/events/object, https://docs.stripe.com/api/v2/core/events/object.
    Raises InvalidEnvelope.
    """
    kind = payload.get("object") if isinstance(payload, dict) else None
    if kind not in (SNAPSHOT, THIN):
        raise InvalidEnvelope(_("The body is not a Stripe event."))
    if kind == THIN:
        return _thin(payload)
    if not isinstance(payload.get("data"), dict):
        raise InvalidEnvelope(_("The event carries no data."))
    subject = inner(payload["data"], "object")
    return _envelope(payload, subject, type_name="object", request=inner(payload, "request"))


def is_live(payload: Mapping[str, Any]) -> bool:
    """Whether the event says that it is live. Anything else uses the test key, which moves no money."""
    return payload.get("livemode") is True


def _thin(payload: dict[str, Any]) -> Envelope:
    subject = inner(payload, "related_object")
    if not _text(payload, "id"):
        raise InvalidEnvelope(_("The thin event has no ID, by which the event itself is fetched."))
    found = _envelope(payload, subject, type_name="type", request=inner(inner(payload, "reason"), "request"))
    return replace(found, fetch_state=FetchState.PENDING)


def _envelope(
    payload: dict[str, Any], subject: dict[str, Any], *, type_name: str, request: dict[str, Any]
) -> Envelope:
    return Envelope(
        external_id=fitted(_text(payload, "id")),
        type=fitted(_text(payload, "type")),
        created=_created(payload.get("created")) or timezone.now(),
        livemode=is_live(payload),
        account=fitted(account_of(payload)),
        api_version=fitted(_text(payload, "api_version")),
        object_type=fitted(_text(subject, type_name)),
        object_id=fitted(_text(subject, "id")),
        request_idempotency_key=fitted(_text(request, "idempotency_key")),
        body_digest=_digest(payload),
    )


def _digest(payload: dict[str, Any]) -> str:
    """What distinguishes events with the same id; "" if the id is enough.

    All test webhooks of Stripe's dashboard have the id evt_00000000000000.
    """
    if _text(payload, "id").strip("0") not in ("", "evt_"):
        return ""
    # The number of open deliveries changes from one delivery to the next.
    lasting = {name: value for name, value in payload.items() if name != "pending_webhooks"}
    return sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()


def _created(value: object) -> datetime | None:
    """The time in `value`: seconds, or RFC 3339 in thin events; None for anything else."""
    seconds = _seconds(value) if isinstance(value, str) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LATEST:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)


def _seconds(text: str) -> float | None:
    try:
        found = parse_datetime(text)
        return None if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def inner(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object called `name`, or {}. Before 2017-05-25 `request` was the request's id as plain text."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
