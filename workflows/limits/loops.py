"""Workflows that set each other off, and floods of runs: recognised before a run starts."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import Error
from django.db.models import Count, Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event, Source
from stripeflow.triggers.sql import Bound, Slot, Statement
from stripeflow.workflows import conf
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.pausing import pause_account
from stripeflow.workflows.models import Run, StepRun, Workflow
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

OWN_KEYS = "stripeflow:"


def end_key(run_id: UUID) -> str:
    """What an event carries, in place of the key of a call, that the end of this run has caused."""
    return f"{OWN_KEYS}{run_id}:"


@dataclass(frozen=True)
class Cause:
    """The run that caused an event, by its own call or by its end. `depth` counts the runs before it."""

    workflow_id: int
    depth: int


def cause_of(event: Event) -> Cause | None:
    """The run that caused `event`, by the idempotency key of its call, or by its end; None if none did."""
    return causes_of([event]).get(event.pk)


def causes_of(events: Iterable[Event]) -> dict[int, Cause]:
    """The runs whose calls caused these events, in a few queries for all of them; others have no entry.

    By the events' ids: None for one that is not stored yet. A key alone is no proof, since a connected
    account can read ours and use them for its own calls. So a step of ours must have that key, and the event
    must be of the account and mode in which the step acts, and of its time.
    """
    asked = [event for event in events if event.request_idempotency_key.startswith(OWN_KEYS)]
    if not asked:
        return {}
    ours = {event.request_idempotency_key for event in asked if event.source == Source.WORKFLOW}
    found = _calls({event.request_idempotency_key for event in asked}) | _ends(ours)
    causes = ((event, found.get(event.request_idempotency_key)) for event in asked)
    return {
        event.pk: call.cause for event, call in causes if call is not None and call.may_have_caused(event)
    }


@dataclass(frozen=True)
class _Call:
    """A call of a step: its account and mode, and its time; `until` is None while it is under way."""

    cause: Cause
    whose: AccountMode
    since: datetime
    until: datetime | None

    def may_have_caused(self, event: Event) -> bool:
        is_late = self.until is not None and event.created > self.until + _LATE
        return AccountMode.of(event) == self.whose and event.created >= self.since and not is_late


# How long after its end a step's effects may still be created: clocks differ, and lost calls arrive late.
_LATE = timedelta(minutes=5)
_RUN = ("workflow_id", "depth", "version_id", "livemode", "account", "event__created")


def _calls(keys: set[str]) -> dict[str, _Call]:
    rows = StepRun.objects.filter(idempotency_key__in=keys)
    steps = rows.values_list("idempotency_key", "step_key", "finished_at", *(f"run__{name}" for name in _RUN))
    found = {key: _call(step, until, *run) for key, step, until, *run in steps}
    lost = keys - found.keys()
    if lost and switch.is_restoring():
        found |= _named_calls(lost)
    return {key: call for key, call in found.items() if call is not None}


def _ends(keys: set[str]) -> dict[str, "_Call"]:
    """Runs whose ends are events of ours. Stripe's events are never looked up so."""
    named = {key: parts[0] for key in keys if (parts := _parts(key)) is not None}
    if not named:
        return {}
    runs = Run.objects.filter(pk__in=named.values())
    columns = ("workflow_id", "depth", "livemode", "account", "created_at")
    known = {pk: found for pk, *found in runs.values_list("pk", *columns)}
    return {key: _end(*known[run_id]) for key, run_id in named.items() if run_id in known}


def _end(workflow_id: int, depth: int, livemode: bool, account: str, since: datetime) -> "_Call":
    return _Call(Cause(workflow_id, depth), AccountMode(livemode, account), since, None)


def _named_calls(keys: set[str]) -> dict[str, _Call | None]:
    """Calls whose steps were lost with a database, but whose runs exist again: a key names its run.

    After a restored backup the event may arrive before its run has reached that step again.
    """
    named = {key: parts for key in keys if (parts := _parts(key)) is not None}
    runs = Run.objects.filter(pk__in={run_id for run_id, _step in named.values()})
    known = {pk: columns for pk, *columns in runs.values_list("pk", *_RUN)}
    return {
        key: _call(step, None, *known[run_id]) for key, (run_id, step) in named.items() if run_id in known
    }


def _call(
    step_key: str,
    until: datetime | None,
    workflow_id: int,
    depth: int,
    version_id: int,
    livemode: bool,
    account: str,
    since: datetime,
) -> _Call | None:
    try:
        step = plan_of(version_id).step(step_key)
    except Error:
        raise
    except Exception:  # a version that cannot be read must not keep an event from being matched
        logger.exception("workflows.matching.plans_failed", extra={"versions": [version_id]})
        return None
    if step is None:
        return None
    whose = AccountMode(livemode, "" if step.as_platform else account)
    return _Call(Cause(workflow_id, depth), whose, since, until)


def run_in_key(key: str) -> UUID | None:
    """The run that a key of ours names; None for any other key."""
    parts = _parts(key) if key.startswith(OWN_KEYS) else None
    return parts[0] if parts else None


def _parts(key: str) -> tuple[UUID, str] | None:
    """The run and the step that a key of ours names."""
    run_id, _colon, rest = key.removeprefix(OWN_KEYS).partition(":")
    try:
        return UUID(run_id), rest.rpartition(":")[0]
    except ValueError:
        return None


def is_caught(cause: Cause | None, workflow_id: int) -> bool:
    """Whether a run of this workflow would be a loop: caused by itself, or too deep."""
    if cause is None:
        return False
    return cause.workflow_id == workflow_id or cause.depth >= conf.get("MAX_CAUSE_DEPTH")


def is_ignored(cause: Cause | None, plan: Plan) -> bool:
    """Whether a version does not start on an event because a workflow has caused it."""
    return cause is not None and not plan.takes_caused


def flood(run: Run) -> str:
    """Why a run that is about to start has to be held (`HeldReason`), or "".

    Pauses the workflow for one account and mode if it starts more runs a minute there than allowed.
    """
    held = over_limit(run)
    if held == HeldReason.ACCOUNT_PAUSED:
        reason = _("It started more than %d runs within a minute.") % conf.get("MAX_RUNS_PER_MINUTE")
        pause_account(run.workflow_id, AccountMode.of(run), reason, cause=PauseCause.FLOOD)
    return held


def over_limit(run: Run) -> str:
    """Which limit a run that is about to start would pass, as the reason to hold it, or ""."""
    query = limits_passed(run)
    for (too_many,) in query.statement.rows(**query.values):
        return HeldReason.ACCOUNT_PAUSED if too_many else HeldReason.OBJECT
    return ""


def limits_passed(run: Run) -> Bound:
    """The query that finds a row if a run that is about to start would pass a limit."""
    now = timezone.now()
    per_object = conf.get("MAX_RUNS_PER_OBJECT_HOUR") if run.object_id else None
    return _passed(conf.get("MAX_RUNS_PER_MINUTE"), per_object).bound(
        workflow=run.workflow_id,
        object_id=run.object_id,
        livemode=run.livemode,
        account=run.account,
        minute=now - timedelta(minutes=1),
        hour=now - timedelta(hours=1),
    )


def limits_passed_together(runs: Sequence[Run]) -> list[Bound]:
    """The queries that find a row if one of the runs, which start at the same moment, would pass a limit.

    Of an object each workflow starts one of them at most. Near a limit a query may find a row though each
    could start: then each asks for itself.
    """
    whose: dict[tuple[int, AccountMode], list[Run]] = {}
    for run in runs:
        whose.setdefault((run.workflow_id, AccountMode.of(run)), []).append(run)
    return [limits_passed(group[0]) if len(group) == 1 else _passed_by(group) for group in whose.values()]


def _passed_by(runs: list[Run]) -> Bound:
    """The same of several runs of one workflow, account and mode."""
    first, now = runs[0], timezone.now()
    objects = [run.object_id for run in runs if run.object_id] or [""]
    # Filled up, so that few statements serve batches of every size.
    size = 1 << (len(runs) - 1).bit_length()
    filled = (objects * size)[:size]
    return _passed_together(
        conf.get("MAX_RUNS_PER_MINUTE"), conf.get("MAX_RUNS_PER_OBJECT_HOUR"), size
    ).bound(
        workflow=first.workflow_id,
        livemode=first.livemode,
        account=first.account,
        minute=now - timedelta(minutes=1),
        hour=now - timedelta(hours=1),
        **{f"object_{number}": object_id for number, object_id in enumerate(filled)},
    )


@lru_cache(maxsize=64)
def _passed_together(per_minute: int, per_object: int, size: int) -> Statement:
    """As `_passed`, of `size` runs; runs without an object have no limit of theirs."""

    def build() -> QuerySet:
        workflow = Slot(Run, "workflow")
        whose = {name: Slot(Run, name) for name in AccountMode._fields}
        runs = Run.objects.filter(workflow_id=workflow, **whose).order_by()
        recent = runs.filter(created_at__gt=Slot(Run, "created_at", "minute"))
        before = max(per_minute - size, 0)
        named = [Slot(Run, "object_id", f"object_{number}") for number in range(size)]
        of_objects = runs.filter(object_id__in=named, created_at__gt=Slot(Run, "created_at", "hour"))
        counted = of_objects.exclude(object_id="").values("object_id").annotate(started=Count("pk"))
        passed = Q(Exists(recent[before : before + 1])) | Q(Exists(counted.filter(started__gte=per_object)))
        return Workflow.objects.filter(passed, pk=workflow).order_by().values_list("pk")

    return Statement(build)


@lru_cache(maxsize=16)
def _passed(per_minute: int, per_object: int | None) -> Statement:
    """Whether a workflow has started so many runs since `minute`, and so many for an object since `hour`.

    Only runs of one account and mode count: the same id elsewhere is another object.

    No row if neither is so; otherwise whether it is the first. Each reads at most as many rows as its limit.
    """

    def build() -> QuerySet:
        workflow = Slot(Run, "workflow")
        whose = {name: Slot(Run, name) for name in AccountMode._fields}
        runs = Run.objects.filter(workflow_id=workflow, **whose).order_by()
        recent = runs.filter(created_at__gt=Slot(Run, "created_at", "minute"))
        too_many = Exists(recent[per_minute - 1 : per_minute])
        passed = Q(too_many)
        if per_object is not None:
            slots = {"object_id": Slot(Run, "object_id"), "created_at__gt": Slot(Run, "created_at", "hour")}
            passed |= Q(Exists(runs.filter(**slots)[per_object - 1 : per_object]))
        return Workflow.objects.filter(passed, pk=workflow).order_by().values_list(too_many)

    return Statement(build)
