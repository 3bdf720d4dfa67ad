"""For hosts that mount dj-stripe's own webhook URL: its new events enter the same inbox."""

import json
import logging
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save

from triggers import inbox, stripe_gate
from triggers.envelope import InvalidEnvelope

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen to dj-stripe; called once, when the app is ready."""
    post_save.connect(
        accept_djstripe_event, sender="djstripe.Event", dispatch_uid="stripeflow_triggers.djstripe_event"
    )


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
        inbox.accept_stripe(payload, raw_body=json.dumps(payload), mirror=False)
    except InvalidEnvelope as error:
        # The host's own webhook stays what it was without us.
        logger.warning("triggers.receiver.refused", extra={"external_id": instance.id, "reason": str(error)})
