"""The history in the admin: the list of runs, and the page of one."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.account_filter import PARAMETER as ACCOUNT_PARAMETER
from stripeflow.triggers.account_filter import AccountFilter
from stripeflow.triggers.costly import answers_busy
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.links import entries_url
from stripeflow.workflows.admin.base.reading import ReadOnly
from stripeflow.workflows.admin.limits.switch import switch_context
from stripeflow.workflows.admin.runs.buttons import OPERATING_PAGES, operations_context
from stripeflow.workflows.admin.runs.following import SINCE, NewsPage, RunStatePage, mark_of_page, pause_of
from stripeflow.workflows.admin.runs.items import ItemsPage, item_of
from stripeflow.workflows.admin.runs.operating import BULK_ACTIONS, SeenActionForm, now_text
from stripeflow.workflows.admin.runs.replaying import ReplayPage
from stripeflow.workflows.admin.runs.resolving import RESOLVE_ACTION, ResolveManyPage
from stripeflow.workflows.admin.runs.run_list import (
    WORKFLOW_PARAMETER,
    EventTypeFilter,
    RunChangeList,
    VersionFilter,
    search,
)
from stripeflow.workflows.admin.runs.waiting import WaitsAtFilter
from stripeflow.workflows.admin.runs.why import WhyEventPage, WhyPage
from stripeflow.workflows.display.durations import duration
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.display.sentences import state_sentence
from stripeflow.workflows.history.page import RunPage, is_stopped
from stripeflow.workflows.history.retry_preview import retry_preview
from stripeflow.workflows.history.started import cause_of_run, runs_started_by
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus

_PILL = "stripeflow/workflows/admin/pill.html"


@admin.register(Run)
class RunAdmin(ReadOnly):
    pages = (
        NewsPage,
        RunStatePage,
        ItemsPage,
        ReplayPage,
        ResolveManyPage,
        *OPERATING_PAGES,
        WhyPage,
        WhyEventPage,
    )
    action_form = SeenActionForm
    page_template = "stripeflow/workflows/runs/page.html"
    change_list_template = "stripeflow/workflows/runs/list.html"
    list_display = ("status_pill", "workflow", "version", "event_name", "object_code", "started", "took")
    list_display_links = ("status_pill", "workflow")
    list_filter = (
        "status",
        "held_reason",
        "workflow",
        EventTypeFilter,
        VersionFilter,
        WaitsAtFilter,
        "livemode",
        AccountFilter,
        "created_at",
    )
    list_per_page = 50
    ordering = ("-created_at",)
    show_full_result_count = False
    # The search is `run_list.search`; this only makes the box appear.
    search_fields = ("object_id__exact",)
    search_help_text = gettext_lazy(
        "Any ID: of the run, the event, its object, or of what a step made. "
        "Other IDs: last 50,000 events only."
    )

    def has_view_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return permissions.may_see_runs(request.user)

    has_module_permission = has_view_permission

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).defer("explanation")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RunChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        return search(queryset, search_term, user=request.user), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if not permissions.may_operate_runs(request.user):
            return {}
        return {**BULK_ACTIONS, RESOLVE_ACTION[1]: RESOLVE_ACTION}

    @answers_busy
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.check_view(request)
        workflow = request.GET.get(WORKFLOW_PARAMETER, "")
        only = f"?workflow={workflow}" if workflow.isascii() and workflow.isdigit() else ""
        context = {
            "title": _("Runs"),
            "why_url": reverse("admin:stripeflow_workflows_run_why") + only,
            "may_ask_why": permissions.may_ask_why(request.user),
            "replay_url": reverse("admin:stripeflow_workflows_run_replay") + only,
            "may_replay": permissions.may_replay(request.user),
            "news_url": reverse("admin:stripeflow_workflows_run_news") + _news_query(request),
            **switch_context(request),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_pill(self, run: Run) -> SafeString:
        pill = render_to_string(_PILL, {"kind": f"run-{run.status}", "label": run.get_status_display()})
        if run.status != RunStatus.WAITING or run.due_at is None:
            return pill
        until = _("until %s") % date_format(localtime(run.due_at), "SHORT_DATETIME_FORMAT")
        return format_html('{}<br><span class="sf-hint">{}</span>', pill, until)

    @admin.display(description=gettext_lazy("event"), ordering="event__type")
    def event_name(self, run: Run) -> str:
        return event_label(run.event)

    @admin.display(description=gettext_lazy("object"), ordering="object_id")
    def object_code(self, run: Run) -> SafeString | str:
        if not run.object_id:
            return "—"
        code = format_html('<code class="sf-id" title="{0}" data-copy>{0}</code>', run.object_id)
        return format_html("{}<br>{}", code, _account_link(run)) if run.account else code

    @admin.display(description=gettext_lazy("started"), ordering="created_at")
    def started(self, run: Run) -> Any:
        return run.started_at or run.created_at

    @admin.display(description=gettext_lazy("duration"))
    def took(self, run: Run) -> str:
        return duration(run.started_at, run.finished_at) or "—"

    # The page

    def page_context(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        related = ("workflow__active_version", "version", "event", "rerun_of")
        run = Run.objects.select_related(*related).get(pk=run.pk)
        item, operations = item_of(request, run), run.operations.all()
        payloads = permissions.may_see_payloads(request.user)
        page = asked = RunPage(run, payloads=payloads, operations=operations)
        if item is not None:
            page = RunPage(run, payloads=payloads, operations=operations, item=item)
        return {
            "title": run.workflow.name,
            "run": run,
            "page": page,
            "canvas": page.outline,
            # Hide the sidebar: the canvas needs the width.
            "is_nav_sidebar_enabled": False,
            "state": state_sentence(run, waits_at=page.waits_at),
            "seen_mark": mark_of_page(run),
            "retry_preview": retry_preview(run) if permissions.may_operate_runs(request.user) else None,
            "follow_seconds": pause_of(run),
            "stopped": is_stopped(run),
            "reruns": run.reruns.order_by("created_at"),
            "cause": cause_of_run(run),
            "started_runs": runs_started_by(run),
            "may_see_events": permissions.may_see_events(request.user),
            "may_ask_why": permissions.may_ask_why(request.user),
            "may_view_workflow": permissions.may_view(request.user),
            "audit_url": entries_url(request, object_id=run.pk),
            **switch_context(request),
            # What the run asks is asked for the item at which it stands.
            **operations_context(request, run, asked),
        }


def _news_query(request: HttpRequest) -> str:
    """The filters of the list, and when it is made."""
    query = request.GET.copy()
    query[SINCE] = now_text()
    return "?" + query.urlencode()


def _account_link(run: Run) -> SafeString:
    """The account of the object, which leads to all runs of it."""
    query = urlencode({ACCOUNT_PARAMETER: run.account})
    return format_html('<a class="sf-hint" href="?{}">{}</a>', query, run.account)
