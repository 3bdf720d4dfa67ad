"""How a project tells of what happens in it: one event of one of its own types of triggers.

    accept_event("order", "order.paid", {"total": 4800}, identity="order-17-paid", livemode=True)

In an open transaction the event, and the runs that it starts, are a part of that: they are there if it
commits. It makes no call to the outside.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers import inbox
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.inbox import Accepted
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Source
from stripeflow.triggers.types import registry
from stripeflow.triggers.types.base import TriggerType
from stripeflow.triggers.widths import fitted

__all__ = ["Accepted", "NotAnEvent", "accept_event"]


class NotAnEvent(ValueError):
    """No workflow could ever start on it. The message is a sentence that says what to change."""


def accept_event(
    trigger_type: str,
    topic: str,
    obj: Mapping[str, Any],
    *,
    identity: str,
    livemode: bool,
    account: str = "",
    object_id: str = "",
    previous: Mapping[str, Any] | None = None,
    created: datetime | None = None,
    cause: str = "",
) -> Accepted:
    """Accept an event of a registered type of trigger once, and start the workflows that listen for it.

    `obj` is JSON: what conditions and references find as `trigger`. `previous` is what its changed fields
    held before, for “changed”. The same `identity`, of the same mode and account, is a copy: `created` of
    the result is False then, and nothing starts. `created` is aware, by default now. `object_id` finds the
    runs in lists, and counts for the limit of runs for one object. `cause` is the `idempotency_key` of the
    action's context, where a step has caused the event: so a circle of workflows is recognised.

    Raises `NotAnEvent`, and `ValueError` for a naive `created`.
    """
    kind = _kind(trigger_type)
    if not topic or len(topic) > kind.topic_width:
        raise NotAnEvent(_("A topic has 1 to %d characters.") % kind.topic_width)
    if not identity:
        raise NotAnEvent(_("An event needs an identity, so that it is accepted once."))
    at = created or timezone.now()
    if timezone.is_naive(at):
        raise ValueError(_("The time of an event needs a time zone."))
    envelope = Envelope(
        external_id=fitted(f"{trigger_type}:{identity}"),
        type=topic,
        created=at,
        livemode=livemode,
        account=account,
        object_type=trigger_type,
        object_id=fitted(str(object_id)),
        request_idempotency_key=fitted(cause),
        source=kind.source,
    )
    payload = _payload(envelope, obj, previous)
    try:
        json.dumps(payload)
    except (TypeError, ValueError) as error:
        raise NotAnEvent(_("What the event holds is not JSON: %s") % error) from error
    return inbox.accept(envelope, payload)


def _kind(trigger_type: str) -> TriggerType:
    kind = registry.find(trigger_type)
    if kind is None:
        names = ", ".join(sorted(one.type for one in registry.all()))
        raise NotAnEvent(
            _("There is no type of trigger “%(type)s”. There are: %(types)s.")
            % {"type": trigger_type, "types": names}
        )
    if kind.is_addressed or kind.source in Source.values:
        raise NotAnEvent(_("Events of the type “%s” are made by StripeFlow itself.") % kind.label)
    return kind


def _payload(
    envelope: Envelope, obj: Mapping[str, Any], previous: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Shaped as Stripe's events are."""
    data: dict[str, Any] = {"object": sanitize(dict(obj))}
    if previous is not None:
        data["previous_attributes"] = sanitize(dict(previous))
    return {
        "id": envelope.external_id,
        "object": "event",
        "type": envelope.type,
        "created": int(envelope.created.timestamp()),
        "livemode": envelope.livemode,
        **({"account": envelope.account} if envelope.account else {}),
        "data": data,
    }
