"""`/metrics` for Prometheus, read from the database, so that it is right for any number of processes.

Needs the package `prometheus_client`, which the extra `metrics` installs.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Count, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stripeflow.triggers.models import Event
from stripeflow.triggers.types.addressing import topic_of
from stripeflow.workflows import conf
from stripeflow.workflows.limits import switch
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat, EventDelivery, EventDestination, Run, Schedule
from stripeflow.workflows.models.destination import DisabledBecause
from stripeflow.workflows.monitoring.access import has_token, is_staff
from stripeflow.workflows.monitoring.health import last_webhook_age, oldest_due_age
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

# After that time no open transaction can insert a row with a lower id.
SETTLED = timedelta(minutes=10)


class EventTotals:
    """How many events were accepted, by type.

    Rows are never deleted, so each process counts settled rows once, and after that only the newer ones:
    a scrape costs the same at a thousand events and at a million.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Count everything again next time. For tests, whose databases start empty."""
        self.upto: int | None = None
        self.settled: Counter[str] = Counter()

    def read(self, now: datetime) -> Counter[str]:
        """The totals at `now`."""
        with self.lock:
            if self.upto is None:
                return self._begin(now)
            newer = Event.objects.filter(pk__gt=self.upto)
            totals = self.settled + _by_type(newer)
            self._settle(newer, now)
            return totals

    def _begin(self, now: datetime) -> Counter[str]:
        # All rows by the index on the type, less the newer ones: old rows themselves are not read.
        upto = _settled_id(Event.objects.all(), now) or 0
        newer = _by_type(Event.objects.filter(pk__gt=upto))
        totals = _by_type(Event.objects.all())
        self.upto, self.settled = upto, totals - newer
        return totals

    def _settle(self, newer: Any, now: datetime) -> None:
        upto = _settled_id(newer, now)
        if upto is not None:
            self.settled += _by_type(newer.filter(pk__lte=upto))
            self.upto = upto


class RunTotals:
    """The number of runs, counted like events: the settled ones once, then the newer ones."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Count everything again next time."""
        self.upto: datetime | None = None
        self.settled = 0

    def read(self, now: datetime) -> int:
        """The number of all runs."""
        with self.lock:
            runs = Run.objects.all() if self.upto is None else Run.objects.filter(created_at__gt=self.upto)
            total = self.settled + runs.count()
            upto = now - SETTLED
            self.settled = total - Run.objects.filter(created_at__gt=upto).count()
            self.upto = upto
            return total


event_totals = EventTotals()
run_totals = RunTotals()


class Collector:
    """What `prometheus_client` asks at each scrape. A constant number of queries."""

    def __init__(self, core: ModuleType) -> None:
        self.core = core

    def collect(self) -> Iterator[Any]:
        """The families, in a fixed order."""
        now = timezone.now()
        yield from self._events(now)
        yield from self._runs(now)
        yield from self._ages(now)
        silent = Schedule.objects.silent(now).count()
        yield self._gauge("stripeflow_schedules_silent", "Schedules that start no runs.", silent)
        yield from self._deliveries(now)
        yield self._gauge("stripeflow_stopped", "1 while the kill switch is thrown.", _is_stopped())

    def _deliveries(self, now: datetime) -> Iterator[Any]:
        due = EventDelivery.objects.due(now).aggregate(n=Count("pk"), at=Min("next_at"))
        age = (now - due["at"]).total_seconds() if due["at"] else 0.0
        yield self._gauge(
            "stripeflow_deliveries_due", "Events that destinations could be sent now.", due["n"]
        )
        yield self._gauge("stripeflow_deliveries_due_age_seconds", "How long the oldest of them waits.", age)
        off = EventDestination.objects.exclude(disabled_because__in=["", DisabledBecause.PERSON]).count()
        text = "Event destinations that were disabled automatically."
        yield self._gauge("stripeflow_destinations_disabled", text, off)

    def _events(self, now: datetime) -> Iterator[Any]:
        accepted = event_totals.read(now)
        copied = Event.objects.filter(duplicates__gt=0).order_by().values_list("type")
        duplicates = _by_topic(copied.annotate(n=Sum("duplicates")))
        counters = {
            "received": (
                "Deliveries of events that are stored.",
                accepted + duplicates,
            ),
            "accepted": ("Events that were stored.", accepted),
            "duplicate": ("Further deliveries of events that were stored already.", duplicates),
        }
        for name, (text, counts) in counters.items():
            family = self.core.CounterMetricFamily(f"stripeflow_events_{name}", text, labels=["type"])
            for event_type in sorted(accepted):
                family.add_metric([event_type], counts[event_type])
            yield family
        unmatched = Event.objects.unmatched().count()
        yield self._gauge("stripeflow_events_unmatched", "Events that wait to be matched.", unmatched)

    def _runs(self, now: datetime) -> Iterator[Any]:
        counts = runs_by_status(now)
        family = self.core.GaugeMetricFamily("stripeflow_runs", "Runs by status.", labels=["status"])
        for status in RunStatus:
            family.add_metric([status.value], counts[status])
        yield family
        depth = Run.objects.in_work().claimable(now).count()
        yield self._gauge("stripeflow_queue_depth", "Runs that a worker could take now.", depth)

    def _ages(self, now: datetime) -> Iterator[Any]:
        due = oldest_due_age(now) or 0.0
        yield self._gauge("stripeflow_oldest_due_age_seconds", "How long the oldest due run waits.", due)
        swept = _beat_age(heartbeat.SWEEP, now)
        ages = {
            "stripeflow_last_webhook_age_seconds": ("Since the last event of Stripe.", last_webhook_age(now)),
            "stripeflow_sweep_age_seconds": ("Since the last sweep.", swept),
            # The former name of the same, which dashboards and alarms may still use.
            "stripeflow_ring_age_seconds": ("Renamed: stripeflow_sweep_age_seconds.", swept),
            "stripeflow_cluster_age_seconds": ("Since a cluster was.", _beat_age(heartbeat.CLUSTER, now)),
        }
        for name, (text, age) in ages.items():
            # Not a number: there was none yet, so there is no age.
            yield self._gauge(name, text, float("nan") if age is None else age)

    def _gauge(self, name: str, text: str, value: float) -> Any:
        return self.core.GaugeMetricFamily(name, text, value=value)


def runs_by_status(now: datetime) -> Counter[str]:
    """How many runs are in each state. The succeeded ones are the total less all others, not counted."""
    counts: Counter[str] = Counter()
    # Two queries, since each is served by an index of its own.
    for runs in (Run.objects.in_work(), Run.objects.filter(status__in=_NEED_ATTENTION)):
        rows = runs.order_by().values_list("status")
        counts.update(dict(rows.annotate(n=Count("pk"))))
    counts[RunStatus.SUCCEEDED] = max(0, run_totals.read(now) - counts.total())
    return counts


@never_cache
@login_not_required
@transaction.non_atomic_requests
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus's text format, for staff, and for requests with METRICS_TOKEN."""
    if not (has_token(request, conf.get("METRICS_TOKEN")) or is_staff(request)):
        answer = HttpResponse("A token or a login of staff is needed.\n", "text/plain", status=401)
        answer["WWW-Authenticate"] = 'Bearer realm="StripeFlow metrics"'
        return answer
    try:
        exposition, registry = _exposition()
    except ModuleNotFoundError:
        text = "The package prometheus_client is not installed. Install stripeflow[metrics].\n"
        return HttpResponse(text, "text/plain", status=501)
    encode, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type)


def _exposition() -> tuple[ModuleType, Any]:
    """The library, imported with the first scrape. Raises `ModuleNotFoundError`."""
    exposition = import_module("prometheus_client.exposition")
    registry = import_module("prometheus_client.registry").CollectorRegistry()
    registry.register(Collector(import_module("prometheus_client.core")))
    return exposition, registry


_NEED_ATTENTION = [RunStatus.HELD, RunStatus.OUTCOME_UNKNOWN, RunStatus.FAILED, RunStatus.CANCELED]


def _by_type(events: Any) -> Counter[str]:
    return _by_topic(events.order_by().values_list("type").annotate(n=Count("pk")))


def _by_topic(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    """The counts by type, without the workflows that some events are for: there may be thousands."""
    counts: Counter[str] = Counter()
    for called, count in rows:
        counts[topic_of(called)] += count
    return counts


def _settled_id(events: Any, now: datetime) -> int | None:
    # By the newest ids, not by Max(): this reads only unsettled rows.
    return events.filter(received_at__lte=now - SETTLED).order_by("-pk").values_list("pk", flat=True).first()


def _beat_age(kind: str, now: datetime) -> float | None:
    at = Beat.objects.newest(kind)
    return None if at is None else max(0.0, (now - at).total_seconds())


def _is_stopped() -> int:
    return int(switch.current().stopped_at is not None)
