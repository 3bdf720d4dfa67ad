"""Takes the events of dj-stripe's own webhook URL into the same inbox, for hosts that mount it."""

import logging
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save

from stripeflow.triggers import djstripe_webhook, inbox, stripe_gate, vouching
from stripeflow.triggers.envelope import InvalidEnvelope

logger = logging.getLogger(__name__)

# The delivery that dj-stripe's webhook is processing, with its endpoint.
_delivery: ContextVar[Any] = ContextVar("stripeflow_djstripe_delivery", default=None)


def connect() -> None:
    """Listen to dj-stripe; called once, when the app is ready."""
    from djstripe import signals

    name = "stripeflow_triggers.djstripe_event"
    post_save.connect(accept_djstripe_event, sender="djstripe.Event", dispatch_uid=name)
    signals.webhook_pre_process.connect(_begin, dispatch_uid=name)
    signals.webhook_post_process.connect(_end, dispatch_uid=name)
    signals.webhook_processing_error.connect(_end, dispatch_uid=name)


def accept_djstripe_event(
    sender: type[Model], instance: Any, created: bool, raw: bool = False, **kwargs: object
) -> None:
    """Accept the event of a new `djstripe.Event` row, in the transaction that saves the row.

    Fixtures (`raw`) start nothing, and neither do rows that our own mirror makes.
    """
    if not created or raw or stripe_gate.is_active():
        return
    payload = instance.stripe_data
    try:
        inbox.accept_stripe(payload, mirror=False, voucher=_voucher())
    except (InvalidEnvelope, vouching.NotVouchedFor) as error:
        # The host's own webhook stays what it was without us.
        logger.warning("triggers.receiver.refused", extra={"external_id": instance.id, "reason": str(error)})


def _begin(sender: Any, instance: Any, **kwargs: object) -> None:
    _delivery.set(instance)


def _end(sender: Any, **kwargs: object) -> None:
    _delivery.set(None)


def _voucher() -> vouching.Voucher:
    """What vouches for the row: its delivery's endpoint, or the endpoints of the installation.

    A row from a command, or from a task of the host, has no endpoint. It may be live only if the installation
    has a live endpoint. Raises `NotVouchedFor`, also for a delivery without proof, and for a row that may
    come from one.
    """
    from djstripe.models import WebhookEndpoint

    delivery = _delivery.get()
    endpoint = delivery and delivery.webhook_endpoint
    if endpoint is None:
        if djstripe_webhook.takes_unproved():
            raise vouching.not_proved()
        is_live = WebhookEndpoint.objects.filter(livemode=True, status=vouching.ENABLED).exists()
        return vouching.Voucher(livemodes=frozenset({False, is_live}))
    if not djstripe_webhook.proves(endpoint, delivery.headers):
        raise vouching.not_proved()
    return vouching.of_endpoint(
        livemode=endpoint.livemode,
        status=endpoint.status,
        owner=endpoint.djstripe_owner_account_id,
        metadata=endpoint.metadata,
    )
