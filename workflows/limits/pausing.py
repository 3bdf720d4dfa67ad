"""Pausing one workflow: its runs are held, its events make held runs, and nothing is lost."""

import logging

from django.db import transaction
from django.utils import timezone

from workflows.engine.transitions import release_over
from workflows.models import Run, Workflow
from workflows.models.run import HeldReason

logger = logging.getLogger(__name__)


def pause(workflow_id: int, reason: str) -> bool:
    """Pause the workflow; False if it was paused already. Runs are held when a worker takes them."""
    landed = Workflow.objects.filter(pk=workflow_id, paused_at__isnull=True).update(
        paused_at=timezone.now(), paused_reason=reason[:500]
    )
    if landed:
        logger.warning("workflows.workflow.paused", extra={"workflow": workflow_id, "reason": reason})
        # Imported here: alerts know the engine, and the engine knows this module.
        from workflows import alerts

        transaction.on_commit(lambda: alerts.ring_paused(workflow_id), robust=True)
    return bool(landed)


def resume(workflow_id: int) -> int:
    """End the pause, and queue the runs that it held; returns how many. The ring wakes them."""
    Workflow.objects.filter(pk=workflow_id).update(paused_at=None, paused_reason="")
    paused = Run.objects.filter(workflow_id=workflow_id, held_reason=HeldReason.PAUSED)
    released = release_over(paused)
    logger.warning("workflows.workflow.resumed", extra={"workflow": workflow_id, "released": released})
    return released
