"""Where runs wait: on the canvas of their workflow, and as a filter of their list."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.admin.runs.run_list import WORKFLOW_PARAMETER, workflow_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.outline import NOBODY_WAITS, Waits
from stripeflow.workflows.history.waiting import waits_of
from stripeflow.workflows.models import Run, StepRun, Workflow, WorkflowVersion
from stripeflow.workflows.states import RunStatus

PARAMETER = "waits_at"


class WaitsAtFilter(admin.SimpleListFilter):
    """By the step at which runs wait for a time, once one workflow is chosen."""

    title = _("waits at")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        versions = WorkflowVersion.objects.filter(workflow=workflow_of(request))
        chosen = request.GET.get(PARAMETER)
        # The chosen one stays chosen when nobody waits there any more: an action is for these runs alone.
        keys = {*waits_of(versions.values_list("pk", flat=True)), *([chosen] if chosen else [])}
        documents = list(versions.values_list("document", flat=True)) if keys else []
        return [(key, _title(key, documents)) for key in sorted(keys)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if not self.value():
            return queryset
        waiting = StepRun.objects.at_waits().filter(step_key=self.value())
        return queryset.filter(pk__in=waiting.values("run"))


def waits_on_canvas(workflow: Workflow, *, version: WorkflowVersion | None = None) -> Waits:
    """What the cards of a workflow say of the runs that wait, of one version or of all."""
    chosen = [version.pk] if version else workflow.versions.values_list("pk", flat=True)
    found = waits_of(chosen)
    if not found:
        return NOBODY_WAITS
    return Waits(
        {key: at.sentence for key, at in found.items()},
        _url(workflow, PARAMETER, ""),
        sum(at.runs for at in found.values()),
        _url(workflow, "status__exact", RunStatus.WAITING.value),
    )


def _url(workflow: Workflow, parameter: str, value: str) -> str:
    """The list of the workflow's runs with a filter, if runs have pages in this admin."""
    try:
        runs = reverse("admin:stripeflow_workflows_run_changelist")
    except NoReverseMatch:
        return ""
    return f"{runs}?{urlencode({WORKFLOW_PARAMETER: workflow.pk, parameter: value})}"


def _title(key: str, documents: Iterable[Json]) -> str:
    """What the newest version that has the step calls it."""
    return next(filter(None, (title_in(document, key) for document in documents)), key)
