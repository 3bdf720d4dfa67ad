"""Workflows that set each other off, and floods of runs: recognised before a run starts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from triggers.models import Event
from workflows import conf
from workflows.limits.pausing import pause
from workflows.models import Run, StepRun
from workflows.models.run import HeldReason

OWN_KEYS = "stripeflow:"


@dataclass(frozen=True)
class Cause:
    """The run whose own call to Stripe caused an event. `depth` counts the runs before it."""

    workflow_id: int
    depth: int


def cause_of(event: Event) -> Cause | None:
    """The run that caused `event`, known by the idempotency key of its call; None for all others."""
    key = event.request_idempotency_key
    if not key.startswith(OWN_KEYS):
        return None
    found = StepRun.objects.filter(idempotency_key=key).values_list("run__workflow_id", "run__depth").first()
    found = found or _run_named_in(key)
    return Cause(*found) if found else None


def _run_named_in(key: str) -> tuple[int, int] | None:
    """The run whose id the key holds, where the step is not known any more, or not yet again.

    After a restored backup an event may come before the run that caused it has come as far again.
    """
    try:
        run_id = UUID(key.removeprefix(OWN_KEYS).partition(":")[0])
    except ValueError:
        return None
    return Run.objects.filter(pk=run_id).values_list("workflow_id", "depth").first()


def is_caught(cause: Cause | None, workflow_id: int) -> bool:
    """Whether a run of this workflow would go round in a circle: caused by itself, or too deep."""
    if cause is None:
        return False
    return cause.workflow_id == workflow_id or cause.depth >= conf.get("MAX_CAUSE_DEPTH")


def flood(run: Run) -> str:
    """Why a run that is about to start has to be held (`HeldReason`), or "".

    A workflow that starts more runs a minute than allowed is paused here.
    """
    now = timezone.now()
    if _nth_is_after(run.workflow_id, conf.get("MAX_RUNS_PER_MINUTE"), now - timedelta(minutes=1)):
        reason = _("It started more than %d runs within a minute.") % conf.get("MAX_RUNS_PER_MINUTE")
        pause(run.workflow_id, reason)
        return HeldReason.PAUSED
    if run.object_id and _runs_of_object(run, now) >= conf.get("MAX_RUNS_PER_OBJECT_HOUR"):
        return HeldReason.OBJECT
    return ""


def _nth_is_after(workflow_id: int, count: int, moment: datetime) -> bool:
    """Whether the last `count` runs of the workflow all started after `moment`: one step in an index."""
    newest = Run.objects.filter(workflow_id=workflow_id).order_by("-created_at")
    nth = newest.values_list("created_at", flat=True)[count - 1 : count]
    return any(created > moment for created in nth)


def _runs_of_object(run: Run, now: datetime) -> int:
    limit = conf.get("MAX_RUNS_PER_OBJECT_HOUR")
    recent = Run.objects.filter(
        object_id=run.object_id, workflow_id=run.workflow_id, created_at__gt=now - timedelta(hours=1)
    )
    # Not count(), which wraps the slice in a second query, and costs twice the time.
    return len(recent.order_by().values_list("pk", flat=True)[:limit])
