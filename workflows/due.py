"""What the ring looks for once a second: everything that waits for nobody but the clock."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from triggers import inbox, mirror
from workflows import conf
from workflows.models import Run
from workflows.queue import ring

logger = logging.getLogger(__name__)


def ring_due(*, limit: int = 500) -> int:
    """Ring the runs that are due and were not rung lately; returns how many.

    Each ring is claimed by a guarded update, so that any number of hosts may do this at once.
    """
    now = timezone.now()
    stale = now - timedelta(seconds=conf.get("RING_AGAIN_SECONDS"))
    due = Run.objects.claimable(now).filter(Q(rung_at__isnull=True) | Q(rung_at__lt=stale))
    rung = 0
    for pk, rung_at in due.order_by("created_at").values_list("pk", "rung_at")[:limit]:
        rung += _ring(pk, rung_at, now)
    return rung


def look_around() -> dict[str, int]:
    """One round of the ring: unmatched events, unmirrored ones, and due runs. Returns the counts."""
    return {"matched": inbox.sweep(), "mirrored": mirror.sweep(), "rung": ring_due()}


def _ring(pk: object, rung_at: datetime | None, now: datetime) -> bool:
    if not Run.objects.filter(pk=pk, rung_at=rung_at).update(rung_at=now):
        return False
    ring(pk)  # type: ignore[arg-type]
    return True
