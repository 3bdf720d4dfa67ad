"""`/health/`: whether events are stored and runs are executed, each check with its own limit."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stripeflow.triggers.models import Event, Source
from stripeflow.workflows import conf
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat, Run, Schedule
from stripeflow.workflows.monitoring.access import has_token, is_staff
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One check. Times are in seconds; `age` is None if there is nothing to measure."""

    name: str
    ok: bool
    age: float | None = None
    limit: float | None = None


def check_all(now: datetime | None = None) -> list[Check]:
    """Every check, in a constant number of queries. Without a database there is only the first."""
    now = now or timezone.now()
    try:
        database = _database()
        return [database, *(check(now) for check in CHECKS.values())] if database.ok else [database]
    except (DatabaseError, InterfaceError):
        logger.exception("workflows.health.database_failed")
        return [Check("database", ok=False)]


def oldest_due_age(now: datetime) -> float | None:
    """Seconds for which the run that waits longest has been due, or None if no run is due."""
    since = {
        RunStatus.QUEUED: Coalesce(F("queued_at"), F("created_at")),
        RunStatus.WAITING: F("due_at"),
        RunStatus.RUNNING: F("lease_expires_at"),
    }
    due = Run.objects.in_work().claimable(now)
    oldest = [due.filter(status=status).aggregate(at=Min(at))["at"] for status, at in since.items()]
    return max((_age(now, at) for at in oldest if at is not None), default=None)


def last_webhook_age(now: datetime) -> float | None:
    """Seconds since Stripe's last event was accepted, or None if there was none."""
    # Written as an exclusion, or SQLite sorts all events of this source.
    others = [source for source in Source if source != Source.STRIPE]
    events = Event.objects.exclude(source__in=others).order_by("-received_at")
    at = events.values_list("received_at", flat=True).first()
    return None if at is None else _age(now, at)


def silent_age(now: datetime) -> float | None:
    """Seconds for which the schedule that is silent longest has been so, or None if none is."""
    at = Schedule.objects.silent(now).aggregate(at=Min("silent_from"))["at"]
    return None if at is None else _age(now, at)


class _Recent:
    """The checks of the last second, so that requests of strangers cost no queries."""

    SECONDS = 1.0

    def __init__(self) -> None:
        self.found: tuple[float, list[Check]] | None = None

    def checks(self) -> list[Check]:
        found = self.found
        if found is None or not 0 <= time.monotonic() - found[0] < self.SECONDS:
            found = self.found = time.monotonic(), check_all()
        return found[1]

    def forget(self) -> None:
        self.found = None


_recent = _Recent()


def forget_checks() -> None:
    """Check again next time. For tests."""
    _recent.forget()


@never_cache
@login_not_required
@transaction.non_atomic_requests
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 if all is well, else 503. Details are for staff, and for requests with HEALTH_TOKEN.

    `?check=database` (once or more) runs only the named checks, for load balancers. An unknown name is 400:
    it would check nothing.
    """
    wanted = [_RENAMED.get(name, name) for name in request.GET.getlist("check")]
    if unknown := [name for name in wanted if name not in NAMES]:
        said = f"There is no check “{unknown[0][:100]}”. There are: {', '.join(NAMES)}."
        return JsonResponse({"status": "unknown_check", "message": said}, status=400)
    trusted = has_token(request, conf.get("HEALTH_TOKEN"))
    checks = check_all() if trusted else _recent.checks()
    shown = [check for check in checks if not wanted or check.name in wanted]
    # Without the database nothing else can be checked, whatever was asked for.
    ok = checks[0].ok and all(check.ok for check in shown)
    answer: dict[str, Any] = {"status": "ok" if ok else "failing"}
    if trusted or (checks[0].ok and is_staff(request)):
        answer["checks"] = {check.name: _as_json(check) for check in shown}
    return JsonResponse(answer, status=200 if ok else 503)


def _as_json(check: Check) -> dict[str, Any]:
    facts = {name: value for name, value in asdict(check).items() if value is not None}
    facts.pop("name")
    return facts


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return Check("database", ok=cursor.fetchone() == (1,))


def _sweep(now: datetime) -> Check:
    return _beat("sweep", heartbeat.SWEEP, conf.get("HEALTH_SWEEP_SECONDS"), now)


def _cluster(now: datetime) -> Check:
    return _beat("cluster", heartbeat.CLUSTER, conf.get("HEALTH_CLUSTER_SECONDS"), now)


def _beat(name: str, kind: str, limit: float, now: datetime) -> Check:
    at = Beat.objects.newest(kind)
    age = None if at is None else _age(now, at)
    return Check(name, ok=age is not None and age <= limit, age=age, limit=limit)


def _queue(now: datetime) -> Check:
    age, limit = oldest_due_age(now), conf.get("HEALTH_QUEUE_SECONDS")
    return Check("queue", ok=age is None or age <= limit, age=age, limit=limit)


def _webhook(now: datetime) -> Check:
    age, limit = last_webhook_age(now), conf.get("HEALTH_WEBHOOK_SECONDS")
    return Check("webhook", ok=not limit or (age is not None and age <= limit), age=age, limit=limit)


def _schedules(now: datetime) -> Check:
    age, limit = silent_age(now), conf.get("HEALTH_SCHEDULE_SECONDS")
    return Check("schedules", ok=not limit or age is None or age <= limit, age=age, limit=limit)


def _age(now: datetime, at: datetime) -> float:
    return max(0.0, round((now - at).total_seconds(), 3))


CHECKS: dict[str, Callable[[datetime], Check]] = {
    "sweep": _sweep,
    "cluster": _cluster,
    "queue": _queue,
    "webhook": _webhook,
    "schedules": _schedules,
}
# The names for `?check=`, in the order in which they run.
NAMES = ("database", *CHECKS)
# Former names, which `?check=` still takes.
_RENAMED = {"ring": "sweep"}
