from django.db import transaction

from stripeflow.triggers.own_events import accept_event
from tests.shop.models import Order


def change_status(order: Order, status: str) -> None:
    """Save the new status, and tell the workflows of it by the same transaction."""
    before = order.status
    if before == status:
        return
    with transaction.atomic():
        order.status = status
        order.save(update_fields=["status"])
        accept_event(
            "order",
            f"order.{status}",
            {
                "number": order.pk,
                "total": order.total,
                "currency": "usd",
                "status": status,
                "charge": order.charge or None,
            },
            previous={"status": before},
            identity=f"{order.pk}:{status}",
            livemode=True,
            object_id=order.charge,
        )
