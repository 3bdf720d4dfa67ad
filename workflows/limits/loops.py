"""Workflows that set each other off, and floods of runs: recognised before a run starts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from triggers.models import Event
from triggers.statements import Bound, Slot, Statement
from workflows import conf
from workflows.limits.pausing import pause
from workflows.models import Run, StepRun, Workflow
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
    return causes_of([key]).get(key)


def causes_of(keys: Iterable[str]) -> dict[str, Cause]:
    """The runs whose calls had these idempotency keys, in two queries at most; others have no entry.

    Where the step is not known any more, or not yet again, the run is known whose id the key holds: after a
    restored backup an event may come before the run that caused it has come as far again.
    """
    own = {key for key in keys if key.startswith(OWN_KEYS)}
    if not own:
        return {}
    rows = StepRun.objects.filter(idempotency_key__in=own)
    found = {
        key: Cause(workflow_id, depth)
        for key, workflow_id, depth in rows.values_list("idempotency_key", "run__workflow_id", "run__depth")
    }
    named = {key: run_id for key in own - found.keys() if (run_id := _run_named_in(key))}
    if named:
        runs = Run.objects.filter(pk__in=set(named.values())).values_list("pk", "workflow_id", "depth")
        causes = {pk: Cause(workflow_id, depth) for pk, workflow_id, depth in runs}
        found |= {key: causes[run_id] for key, run_id in named.items() if run_id in causes}
    return found


def _run_named_in(key: str) -> UUID | None:
    try:
        return UUID(key.removeprefix(OWN_KEYS).partition(":")[0])
    except ValueError:
        return None


def is_caught(cause: Cause | None, workflow_id: int) -> bool:
    """Whether a run of this workflow would go round in a circle: caused by itself, or too deep."""
    if cause is None:
        return False
    return cause.workflow_id == workflow_id or cause.depth >= conf.get("MAX_CAUSE_DEPTH")


def flood(run: Run) -> str:
    """Why a run that is about to start has to be held (`HeldReason`), or "".

    A workflow that starts more runs a minute than allowed is paused here.
    """
    held = over_limit(run)
    if held == HeldReason.PAUSED:
        reason = _("It started more than %d runs within a minute.") % conf.get("MAX_RUNS_PER_MINUTE")
        pause(run.workflow_id, reason)
    return held


def over_limit(run: Run) -> str:
    """Which limit a run that is about to start would pass, as the reason to hold it, or ""."""
    query = limits_passed(run)
    for (too_many,) in query.statement.rows(**query.values):
        return HeldReason.PAUSED if too_many else HeldReason.OBJECT
    return ""


def limits_passed(run: Run) -> Bound:
    """The query that finds a row if a run that is about to start would pass a limit."""
    now = timezone.now()
    per_object = conf.get("MAX_RUNS_PER_OBJECT_HOUR") if run.object_id else None
    return _passed(conf.get("MAX_RUNS_PER_MINUTE"), per_object).bound(
        workflow=run.workflow_id,
        object_id=run.object_id,
        minute=now - timedelta(minutes=1),
        hour=now - timedelta(hours=1),
    )


@lru_cache(maxsize=16)
def _passed(per_minute: int, per_object: int | None) -> Statement:
    """Whether a workflow has started so many runs since `minute`, and so many for an object since `hour`.

    No row if neither is so, else whether it is the first. Each reads no more rows than its limit.
    """

    def build() -> QuerySet:
        workflow = Slot(Run, "workflow")
        runs = Run.objects.filter(workflow_id=workflow).order_by()
        recent = runs.filter(created_at__gt=Slot(Run, "created_at", "minute"))
        too_many = Exists(recent[per_minute - 1 : per_minute])
        passed = Q(too_many)
        if per_object is not None:
            slots = {"object_id": Slot(Run, "object_id"), "created_at__gt": Slot(Run, "created_at", "hour")}
            passed |= Q(Exists(runs.filter(**slots)[per_object - 1 : per_object]))
        return Workflow.objects.filter(passed, pk=workflow).order_by().values_list(too_many)

    return Statement(build)
