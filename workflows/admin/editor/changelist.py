"""The list of workflows: filters, and columns that cost the same few queries for any number of rows."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.display.labels import topic_label
from stripeflow.workflows.display.words import trigger_sentence
from stripeflow.workflows.drafts.rows import documents_of
from stripeflow.workflows.history.activity import NONE, Activity, activity_of
from stripeflow.workflows.models import Run, Trigger, Workflow
from stripeflow.workflows.models.workflow import WorkflowQuerySet
from stripeflow.workflows.states import RunStatus, WorkflowStatus

CURRENT, ALL = "current", "all"


class Columns(TypedDict):
    """What a row of the list has in addition, from `with_columns` and `WorkflowChangeList`."""

    step_count: int
    last_run_status: str | None
    last_run_at: datetime | None
    activity: Activity
    trigger_sentence: str
    is_scope_chosen: bool
    has_unpublished_changes: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedWorkflow = WithAnnotations[Workflow, Columns]


class StateFilter(admin.SimpleListFilter):
    """By state; archived workflows are hidden unless chosen."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [*WorkflowStatus.choices, (ALL, _("All, archived too"))]

    def choices(self, changelist: ChangeList) -> Any:
        _all, *others = super().choices(changelist)
        yield {**_all, "display": _("Not archived")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> WorkflowQuerySet:
        if self.value() == ALL:
            return queryset
        return queryset.filter(status=self.value()) if self.value() else queryset.current()


class EventFilter(admin.SimpleListFilter):
    """By the event that starts the workflow; offers the events in use."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        plans = [
            TriggerPlan(trigger.type, trigger.settings)
            for trigger in Trigger.objects.only("type", "settings")
        ]
        used = {(topic, topic_label(plan.source, topic)) for plan in plans for topic in plan.topics}
        return sorted(used, key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> WorkflowQuerySet:
        return queryset.starting_on(self.value()) if self.value() else queryset


class LastRunFilter(admin.SimpleListFilter):
    """By the status of the newest run."""

    title = _("last run")
    parameter_name = "last_run"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [*RunStatus.choices, ("never", _("Has never run"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[ListedWorkflow]") -> QuerySet[Workflow]:
        if not self.value():
            return queryset
        wanted = None if self.value() == "never" else self.value()
        return queryset.filter(last_run_status=wanted) if wanted else queryset.filter(last_run_status=None)


def with_columns(queryset: QuerySet[Workflow]) -> QuerySet[Workflow]:
    """The workflows with what the columns show: number of steps, newest run."""
    newest = Run.objects.filter(workflow=OuterRef("pk")).order_by("-created_at")
    return queryset.select_related("active_version", "owner").annotate(
        step_count=Count("steps", distinct=True),
        last_run_status=Subquery(newest.values("status")[:1]),
        last_run_at=Subquery(newest.values("created_at")[:1]),
    )


class WorkflowChangeList(ChangeList):
    """Reads the documents of the page's workflows at once, for their sentences and unpublished changes."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        documents = documents_of(rows)
        lately = activity_of([row.pk for row in rows], now=timezone.now())
        for row in rows:
            document = documents[row.pk]
            row.activity = lately.get(row.pk, NONE)
            row.trigger_sentence = trigger_sentence(document)
            version = row.active_version
            shown = [document, *([version.document] if version else [])]
            row.is_scope_chosen = all(scope_of(one["trigger"]).is_chosen for one in shown)
            row.has_unpublished_changes = version is not None and version.document != document
        self.result_list = rows
