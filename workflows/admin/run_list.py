"""Filters and search of the list of runs."""

import re
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workflows.forms.choices import event_label
from workflows.models import Activation, Run, StepRun, WorkflowVersion

WORKFLOW_PARAMETER = "workflow__id__exact"
_STRIPE_ID = re.compile(r"[a-z][a-z0-9]*_[A-Za-z0-9_]{3,250}")


class EventTypeFilter(admin.SimpleListFilter):
    """By the event that started the run, among those that ever could."""

    title = _("event")
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        used = Activation.objects.order_by().values_list("event_type", flat=True).distinct()
        return sorted(((key, event_label(key)) for key in used), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(event__type=self.value()) if self.value() else queryset


class VersionFilter(admin.SimpleListFilter):
    """By version, once one workflow is chosen."""

    title = _("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        workflow = request.GET.get(WORKFLOW_PARAMETER, "")
        if not workflow.isascii() or not workflow.isdigit():
            return []
        numbers = WorkflowVersion.objects.filter(workflow=workflow).values_list("number", flat=True)
        return [(str(number), f"v{number}") for number in numbers]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(version__number=self.value()) if self.value() else queryset


def search(queryset: QuerySet[Run], term: str, *, payloads: bool) -> QuerySet[Run]:
    """The runs that have to do with an id: of a run, or any of Stripe's.

    Those inside events and outputs are found only by who may see payloads.
    """
    term = term.strip()
    if not term:
        return queryset
    try:
        return queryset.filter(pk=UUID(term))
    except ValueError:
        pass
    found = (
        Q(object_id=term)
        | Q(event__external_id=term)
        | Q(event__account=term)
        | Q(pk__in=_runs(idempotency_key=term))
    )
    # These read every row, hence only for what is an id.
    if payloads and _STRIPE_ID.fullmatch(term):
        found |= Q(event__raw_body__contains=f'"{term}"') | Q(pk__in=_runs(outputs__id=term))
    return queryset.filter(found)


def _runs(**lookup: Any) -> QuerySet[StepRun]:
    return StepRun.objects.filter(**lookup).values("run")
