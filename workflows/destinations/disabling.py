"""Disables a destination: what waits for it is canceled, and people are told if nobody has done it."""

import logging

from django.utils import timezone

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import EventDelivery, EventDestination
from stripeflow.workflows.models.destination import DisabledBecause
from stripeflow.workflows.states import DeliveryStatus

logger = logging.getLogger(__name__)


def disable(destination_id: int, because: DisabledBecause, act: Act = NOBODY) -> bool:
    """Send nothing more there; whether it was enabled. Call it in a transaction."""
    now = timezone.now()
    rows = EventDestination.objects.enabled().filter(pk=destination_id)
    is_told = because is not DisabledBecause.PERSON
    if not rows.update(disabled_at=now, disabled_because=because, alert_pending=is_told):
        return False
    waiting = EventDelivery.objects.filter(destination=destination_id, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.CANCELED, next_at=None, finished_at=now)
    destination = EventDestination.objects.get(pk=destination_id)
    record(kinds.DESTINATION_DISABLED, act, destination, after={"cause": because.value})
    logger.warning(
        "workflows.destinations.disabled", extra={"destination": destination_id, "because": because.value}
    )
    return True
