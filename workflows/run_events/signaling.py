"""Sends Django's signals of the events of runs, after the commit. Without receivers nothing is read."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import Signal

from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.run_events import types
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)


def is_heard(status: RunStatus) -> bool:
    """Whether a receiver listens to an event of runs that are left in this state."""
    return any(event.signal.has_listeners(Run) for event in types.known() if event.left_as is status)


def started(run: Run) -> None:
    """Tell that a worker has begun the run."""
    if types.STARTED.signal.has_listeners(Run) and (whole := whole_run(run.pk)):
        send(types.STARTED.signal, whole)


def left(run: Run, status: RunStatus, *, since: datetime | None = None) -> None:
    """Tell in what state the run was left. Of a wait only if it began after `since`: it may have gone on."""
    event = types.of(status, run.held_reason if status is RunStatus.HELD else "")
    if event is None or not event.signal.has_listeners(Run):
        return
    if event is types.WAITING and (since is None or not _waits_since(run.pk, since)):
        return
    send(event.signal, run)


def send(signal: Signal, run: Run, **more: Any) -> None:
    """Call the receivers. One that raises is logged, and keeps none of the others from being called."""
    for receiver, answer in signal.send_robust(sender=Run, run=run, **more):
        if isinstance(answer, Exception):
            logger.error(
                "workflows.alert.receiver_failed",
                extra={"run": str(run.pk), "receiver": repr(receiver)},
                exc_info=answer,
            )


def whole_run(run_id: UUID) -> Run | None:
    """The run, with all that receivers are given."""
    return Run.objects.select_related("workflow__owner", "version", "event").filter(pk=run_id).first()


def _waits_since(run_id: UUID, since: datetime) -> bool:
    return StepRun.objects.at_waits().filter(run=run_id, started_at__gte=since).exists()
