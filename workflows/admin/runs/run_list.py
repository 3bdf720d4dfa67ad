"""Filters and search of the list of runs."""

import re
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.costly import turn
from stripeflow.triggers.models import Event
from stripeflow.triggers.types import registry
from stripeflow.triggers.widths import fitted
from stripeflow.workflows import permissions
from stripeflow.workflows.display.labels import topic_label
from stripeflow.workflows.models import Activation, Run, StepRun, WorkflowVersion

WORKFLOW_PARAMETER = "workflow__id__exact"
# At most this many rows are shown for one id.
_MOST = 1_000
_STRIPE_ID = re.compile(r"[a-z][a-z0-9]*_[A-Za-z0-9_]{3,250}")


class EventTypeFilter(admin.SimpleListFilter):
    """By the event that started the run, among those that ever could."""

    title = _("event")
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        used = Activation.objects.order_by().values_list("source", "topic").distinct()
        choices = {(_topic(source, called), topic_label(source, called)) for source, called in used}
        return sorted(choices, key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if not self.value():
            return queryset
        used = Activation.objects.order_by().values_list("source", "topic").distinct()
        called = [called for source, called in used if _topic(source, called) == self.value()]
        started = Activation.objects.filter(topic__in=called).order_by()
        versions = list(started.values_list("version", flat=True).distinct())
        others = Activation.objects.filter(version__in=versions).exclude(topic__in=called)
        chosen = queryset.filter(version__in=versions)
        # Joining the events would sort every run. Only a version that starts on several types needs the join.
        return chosen.filter(event__type__in=called) if others.exists() else chosen


def _topic(source: str, called: str) -> str:
    """What the event is called, without the workflow that it is for."""
    found = registry.of_source(source)
    return found.topic_of(called) if found else called


def workflow_of(request: HttpRequest) -> int | None:
    """The one workflow whose runs are listed; None for all of them."""
    workflow = request.GET.get(WORKFLOW_PARAMETER, "")
    return int(workflow) if workflow.isascii() and workflow.isdigit() else None


class VersionFilter(admin.SimpleListFilter):
    """By version, once one workflow is chosen."""

    title = _("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        numbers = WorkflowVersion.objects.filter(workflow=workflow_of(request)).values_list(
            "number", flat=True
        )
        return [(str(number), f"v{number}") for number in numbers]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        number = self.value()
        if not number:
            return queryset
        found = WorkflowVersion.objects.filter(number=number).order_by()
        return queryset.filter(version__in=list(found.values_list("pk", flat=True)))


class RunChangeList(ChangeList):
    """Reads the related rows of one page after its runs: a join would make the database sort every run."""

    def apply_select_related(self, qs: QuerySet[Run]) -> QuerySet[Run]:
        return qs.prefetch_related(
            "workflow",
            Prefetch("version", WorkflowVersion.objects.defer("document", "types")),
            Prefetch("event", Event.objects.without_body()),
        )


def search(queryset: QuerySet[Run], term: str, *, user: Any) -> QuerySet[Run]:
    """The runs that have to do with an id: of a run, or any of Stripe's.

    An id that an index knows is found by it: of an event, of the object that it is about, of a call. Only
    for others are the events' bodies read, and what steps made looked up, for people who may see payloads.
    Raises `stripeflow.triggers.costly.Busy` while another such search of `user` is not done.
    """
    term = term.strip()
    if not term:
        return queryset
    try:
        return queryset.filter(pk=UUID(term))
    except ValueError:
        pass
    known = _known(term)
    if not _STRIPE_ID.fullmatch(term) or Run.objects.filter(known).exists():
        return queryset.filter(known)
    payloads = permissions.may_see_payloads(user)
    with turn(user) if payloads else nullcontext():
        return queryset.filter(_inside(term, payloads=payloads))


def _known(term: str) -> Q:
    """What indexes find. The ids are read first, so that no join keeps the database from using them."""
    events = Event.objects.filter(external_id=fitted(term)).values_list("pk", flat=True)[:_MOST]
    calls = _runs_of_steps(idempotency_key=term)
    if term.startswith("acct_") and Run.objects.filter(account=fitted(term)).exists():
        return Q(account=fitted(term))
    return Q(object_id=fitted(term)) | Q(event__in=list(events)) | Q(pk__in=list(calls))


def _runs_of_steps(**known: str) -> "QuerySet[StepRun, UUID]":
    return StepRun.objects.filter(**known).order_by().values_list("run", flat=True)[:_MOST]


def _inside(term: str, *, payloads: bool) -> Q:
    """Accounts and ids inside events, which only reading the events finds; and what steps made."""
    events = Q(event__in=_newest(Event.objects.naming(term, bodies=payloads)))
    return events | Q(pk__in=list(_runs_of_steps(made_id=term))) if payloads else events


def _newest(events: QuerySet[Event]) -> list[int]:
    return list(events.order_by("-received_at").values_list("pk", flat=True)[:_MOST])
