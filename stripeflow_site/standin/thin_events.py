"""Builders of thin events, as the API v2 has them: what is delivered, and what is fetched."""

from datetime import UTC, datetime

from stripeflow_site.standin.identifiers import new_id
from stripeflow_site.standin.payloads import Object, created_at


def thin_event(
    type: str,
    object: Object,
    *,
    id: str | None = None,
    created: int | None = None,
    livemode: bool = False,
    context: str | None = None,
    changes: Object | None = None,
    data: Object | None = None,
    idempotency_key: str | None = None,
) -> Object:
    """An event of the API v2 about `object`, as it is fetched."""
    at = datetime.fromtimestamp(created_at(created), UTC).isoformat(timespec="milliseconds")
    request = {"id": new_id("req"), "idempotency_key": idempotency_key}
    return {
        "id": id or new_id("evt"),
        "object": "v2.core.event",
        "type": type,
        "created": at.replace("+00:00", "Z"),
        "livemode": livemode,
        "context": context,
        "related_object": {"id": object["id"], "type": object["object"], "url": _url(object)},
        "reason": {"type": "request", "request": request} if idempotency_key else None,
        "changes": changes,
        "data": data,
    }


def notification(event: Object) -> Object:
    """What is delivered of a thin event."""
    return {name: value for name, value in event.items() if name not in ("changes", "data")}


def _url(object: Object) -> str:
    """Where the object is read, which its kind says: `billing.meter`, `v2.core.account`."""
    kind: str = object["object"]
    path = (kind if kind.startswith("v2.") else f"v1.{kind}").replace(".", "/")
    return f"/{path}s/{object['id']}"
