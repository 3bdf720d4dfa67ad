"""Reads the columns of an `Event` out of Stripe's event envelope, refusing what is not one."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}")
_EVENT_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
# 9999-12-31, the last day that a datetime can hold.
_LATEST = 253_402_214_400


class InvalidEnvelope(ValueError):
    """The payload is not a Stripe event of the v1 API; the message is a sentence that says why."""


@dataclass(frozen=True)
class Envelope:
    """The facts about a Stripe event that the inbox keeps in columns."""

    external_id: str
    type: str
    created: datetime
    livemode: bool
    account: str
    api_version: str
    object_type: str
    object_id: str
    request_idempotency_key: str


def read(payload: Any) -> Envelope:  # noqa: ANN401  any JSON value
    """Return the columns for the Stripe event `payload`.

    Source: https://docs.stripe.com/api/events/object. Raises InvalidEnvelope.
    """
    if not isinstance(payload, dict) or payload.get("object") != "event":
        raise InvalidEnvelope(_("The body is not a Stripe event; thin events are not supported."))
    subject = _subject(payload)
    return Envelope(
        external_id=_match(payload, "id", _EVENT_ID),
        type=_match(payload, "type", _EVENT_TYPE),
        created=_created(payload),
        livemode=_livemode(payload),
        account=_text(payload, "account", limit=255),
        api_version=_text(payload, "api_version", limit=64),
        object_type=_text(subject, "object", limit=255),
        object_id=_text(subject, "id", limit=255),
        request_idempotency_key=_idempotency_key(payload),
    )


def _subject(payload: dict[str, Any]) -> dict[str, Any]:
    data = payload.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    if not isinstance(subject, dict):
        raise InvalidEnvelope(_("The event carries no object."))
    return subject


def _match(payload: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or len(value) > 255 or not pattern.fullmatch(value):
        raise InvalidEnvelope(_("The event's “%(name)s” is missing or malformed.") % {"name": name})
    return value


def _created(payload: dict[str, Any]) -> datetime:
    value = payload.get("created")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LATEST:
        raise InvalidEnvelope(_("The event's “%(name)s” is missing or malformed.") % {"name": "created"})
    return datetime.fromtimestamp(value, tz=UTC)


def _livemode(payload: dict[str, Any]) -> bool:
    value = payload.get("livemode")
    if not isinstance(value, bool):
        raise InvalidEnvelope(_("The event's “%(name)s” is missing or malformed.") % {"name": "livemode"})
    return value


def _text(holder: dict[str, Any], name: str, *, limit: int) -> str:
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise InvalidEnvelope(_("The event's “%(name)s” is missing or malformed.") % {"name": name})
    return value


def _idempotency_key(payload: dict[str, Any]) -> str:
    # Before 2017-05-25 `request` was the request's id as plain text.
    request = payload.get("request")
    return _text(request, "idempotency_key", limit=255) if isinstance(request, dict) else ""
