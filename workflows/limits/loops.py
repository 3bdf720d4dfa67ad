"""Workflows that set each other off, and floods of runs: recognised before a run starts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from triggers.account_mode import AccountMode
from triggers.models import Event
from triggers.statements import Bound, Slot, Statement
from workflows import conf
from workflows.limits.pausing import pause_account
from workflows.models import Run, StepRun, Workflow
from workflows.models.limits import PauseCause
from workflows.models.run import HeldReason

OWN_KEYS = "stripeflow:"


@dataclass(frozen=True)
class Cause:
    """The run whose own call to Stripe caused an event. `depth` counts the runs before it."""

    workflow_id: int
    depth: int


def cause_of(event: Event) -> Cause | None:
    """The run that caused `event`, known by the idempotency key of its call; None for all others."""
    return causes_of([event]).get(event.pk)


def causes_of(events: Iterable[Event]) -> dict[int, Cause]:
    """The runs whose calls caused these events, in two queries at most; others have no entry.

    By the events' ids: None for one that is not stored yet.

    A key is of the account and mode in which it was used. A call as the platform may have caused an event of
    its account, and the other way round; never one of another connected account, or of the other mode.

    Where the step is not known any more, or not yet again, the run is known whose id the key holds: after a
    restored backup an event may come before the run that caused it has come as far again.
    """
    asked = [event for event in events if event.request_idempotency_key.startswith(OWN_KEYS)]
    if not asked:
        return {}
    found = _runs_by_key({event.request_idempotency_key for event in asked})
    causes = ((event, found.get(event.request_idempotency_key)) for event in asked)
    return {event.pk: run.cause for event, run in causes if run is not None and run.may_have_caused(event)}


@dataclass(frozen=True)
class _Caller:
    cause: Cause
    whose: AccountMode

    def may_have_caused(self, event: Event) -> bool:
        accounts = {self.whose.account, event.account} - {""}
        return self.whose.livemode == event.livemode and len(accounts) < 2


def _caller(workflow_id: int, depth: int, livemode: bool, account: str) -> _Caller:
    return _Caller(Cause(workflow_id, depth), AccountMode(livemode, account))


def _runs_by_key(keys: set[str]) -> dict[str, _Caller]:
    columns = ("workflow_id", "depth", "livemode", "account")
    rows = StepRun.objects.filter(idempotency_key__in=keys)
    steps = rows.values_list("idempotency_key", *(f"run__{name}" for name in columns))
    found = {key: _caller(*values) for key, *values in steps}
    named = {key: run_id for key in keys - found.keys() if (run_id := _run_named_in(key))}
    if named:
        runs = Run.objects.filter(pk__in=set(named.values())).values_list("pk", *columns)
        callers = {pk: _caller(*values) for pk, *values in runs}
        found |= {key: callers[run_id] for key, run_id in named.items() if run_id in callers}
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

    A workflow that starts more runs a minute than allowed for one account and mode is paused for it here.
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


@lru_cache(maxsize=16)
def _passed(per_minute: int, per_object: int | None) -> Statement:
    """Whether a workflow has started so many runs since `minute`, and so many for an object since `hour`.

    Of one account in one mode: an id of another one's is another object.

    No row if neither is so, else whether it is the first. Each reads no more rows than its limit.
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
