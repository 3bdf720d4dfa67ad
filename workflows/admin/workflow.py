"""Workflows in the admin: the list, the page with the outline, and what can be done with one."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.links import entries_url, workflow_url
from stripeflow.workflows.admin.base.media import EDITOR_MEDIA
from stripeflow.workflows.admin.base.outcomes import reason
from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.admin.base.revisions import RevisionedAdmin
from stripeflow.workflows.admin.base.texts import TextsPage
from stripeflow.workflows.admin.editor.changelist import (
    EventFilter,
    LastRunFilter,
    StateFilter,
    WorkflowChangeList,
    with_columns,
)
from stripeflow.workflows.admin.editor.gallery import GalleryPage, TemplatePage
from stripeflow.workflows.admin.editor.mending import mends
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.editor.undoing import RedoPage, UndoPage, undo_context
from stripeflow.workflows.admin.editor.workflow_form import WorkflowForm
from stripeflow.workflows.admin.limits.pauses import PausePage, ResumePage, pauses_context
from stripeflow.workflows.admin.limits.refund_limits import RefundLimitsPage, refund_limits_context
from stripeflow.workflows.admin.limits.switch import switch_context
from stripeflow.workflows.admin.publishing.draft import (
    BackPage,
    ChangesPage,
    DiscardPage,
    RenamePage,
    RevisionPage,
    unpublished,
)
from stripeflow.workflows.admin.publishing.exchange import ExportPage, ImportPage
from stripeflow.workflows.admin.publishing.lifecycle import (
    ActivatePage,
    ArchivePage,
    DeactivatePage,
    DuplicatePage,
    RestorePage,
)
from stripeflow.workflows.admin.publishing.rehearsal import BackTestPage, TestPage
from stripeflow.workflows.admin.publishing.sdk_changes import SdkChangesPage
from stripeflow.workflows.admin.publishing.templating import SaveAsTemplatePage
from stripeflow.workflows.admin.runs.bulk import BulkPage, may_start_many
from stripeflow.workflows.admin.runs.counting import CountsPage
from stripeflow.workflows.admin.runs.filling import FillPage, fill_context
from stripeflow.workflows.admin.runs.starting import StartPage, start_context
from stripeflow.workflows.admin.runs.waiting import waits_on_canvas
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.display.outline import NOBODY_WAITS, outline, rows_of
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, WorkflowStatus

if TYPE_CHECKING:
    from stripeflow.workflows.admin.editor.changelist import ListedWorkflow

_PILL = "stripeflow/workflows/admin/pill.html"
_SPARKLINE = "stripeflow/workflows/admin/sparkline.html"

# What an open page of the workflow asks for, by the element that it replaces.
FRAGMENTS = {
    "sf-canvas": "stripeflow/workflows/canvas/refresh.html",
    "sf-panel-body": "stripeflow/workflows/canvas/closed.html",
}


@admin.register(Workflow)
class WorkflowAdmin(RevisionedAdmin):
    """The one entry of the editor in the index; its pieces have pages of their own."""

    pages = (
        ActivatePage,
        DeactivatePage,
        ArchivePage,
        RestorePage,
        DuplicatePage,
        ChangesPage,
        DiscardPage,
        BackPage,
        RenamePage,
        RevisionPage,
        UndoPage,
        RedoPage,
        TestPage,
        BackTestPage,
        CountsPage,
        ExportPage,
        ImportPage,
        GalleryPage,
        TemplatePage,
        SaveAsTemplatePage,
        PausePage,
        ResumePage,
        RefundLimitsPage,
        SdkChangesPage,
        StartPage,
        FillPage,
        BulkPage,
        TextsPage,
    )
    form = WorkflowForm
    change_list_template = "stripeflow/workflows/admin/workflow_list.html"
    add_form_template = "stripeflow/workflows/admin/workflow_add.html"
    change_form_template = "stripeflow/workflows/admin/workflow_form.html"
    list_display = ("title", "state_pill", "trigger_words", "step_total", "last_run", "lately")
    list_filter = (StateFilter, EventFilter, LastRunFilter)
    search_fields = ("name", "description", "trigger__settings")
    search_help_text = gettext_lazy("Name, description or event.")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    @property
    def media(self) -> Any:
        return super().media + EDITOR_MEDIA

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        return with_columns(super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WorkflowChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.check_view(request)
        context = {"title": _("Workflows"), **switch_context(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("workflow"), ordering="name")
    def title(self, row: "ListedWorkflow") -> SafeString:
        if not row.has_unpublished_changes:
            return format_html("{}", row.name)
        return format_html("{} {}", row.name, _pill("changes", _("Unpublished changes")))

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state_pill(self, row: "ListedWorkflow") -> SafeString:
        return _pill(row.status, row.get_status_display())

    @admin.display(description=gettext_lazy("starts on"), ordering="trigger__settings")
    def trigger_words(self, row: "ListedWorkflow") -> SafeString | str:
        if not row.trigger_sentence:
            return _("No event chosen yet")
        if row.is_scope_chosen:
            return row.trigger_sentence
        pill = _pill("changes", _("All accounts, live and test: not chosen yet"))
        return format_html("{} {}", row.trigger_sentence, pill)

    @admin.display(description=gettext_lazy("steps"), ordering="step_count")
    def step_total(self, row: "ListedWorkflow") -> int:
        return row.step_count

    @admin.display(description=gettext_lazy("last run"), ordering="last_run_at")
    def last_run(self, row: "ListedWorkflow") -> SafeString | str:
        if row.last_run_status is None or row.last_run_at is None:
            return _("Has never run")
        label = RunStatus(row.last_run_status).label
        return format_html("{} {}", _pill(f"run-{row.last_run_status}", label), _ago(row.last_run_at))

    @admin.display(description=gettext_lazy("14 days"))
    def lately(self, row: "ListedWorkflow") -> SafeString:
        shown = {"activity": row.activity, "points": row.activity.points(width=96, height=24)}
        return render_to_string(_SPARKLINE, shown)

    # The pages

    def get_fields(self, request: HttpRequest, obj: Workflow | None = None) -> tuple[str, ...]:
        return ("description", "owner") if obj else ("name", "description")

    def has_change_permission(self, request: HttpRequest, obj: Workflow | None = None) -> bool:
        archived = obj is not None and obj.state is WorkflowStatus.ARCHIVED
        return permissions.may_edit(request.user) and not archived

    def not_saved(self, request: HttpRequest, object_id: str | None, why: Exception) -> HttpResponse:
        messages.error(request, reason(why))
        return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Workflow, form: Any, change: bool) -> None:
        if not change:
            obj.owner = person_of(request)
            lifecycle.create_empty(obj, act=Act.of(request))
            return
        with editing.editing(obj, revision=form.cleaned_data["revision"], act=Act.of(request)):
            obj.save(update_fields=["description", "owner", "updated_at"])

    def response_add(self, request: HttpRequest, obj: Workflow, post_url_continue: str | None = None) -> Any:
        messages.success(request, _("Workflow created. Add a trigger."))
        return HttpResponseRedirect(workflow_url(obj))

    def response_post_save_change(self, request: HttpRequest, obj: Workflow) -> HttpResponseRedirect:
        return HttpResponseRedirect(workflow_url(obj))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is None:
            context |= {"title": _("New workflow"), "show_save_and_add_another": False}
            return super().render_change_form(request, context, *args, **kwargs)
        context |= {"title": obj.name, "subtitle": None, "show_save_and_add_another": False}
        # Hide the list of models: the canvas needs the width, and the breadcrumbs lead back to it.
        context |= {**self.editor_context(request, obj), "is_nav_sidebar_enabled": False}
        fragment = FRAGMENTS.get(request.headers.get("HX-Target", ""))
        if fragment and request.method == "GET":
            return TemplateResponse(request, fragment, context)
        return super().render_change_form(request, context, *args, **kwargs)

    def editor_context(self, request: HttpRequest, obj: "ListedWorkflow") -> dict[str, Any]:
        """What stands around the form: state, problems, outline and buttons."""
        scope, user, rows = Scope(obj), request.user, rows_of(obj)
        archived = obj.state is WorkflowStatus.ARCHIVED
        may_edit = permissions.may_edit(user) and not archived
        new = unpublished(scope, readable=False)
        waits = waits_on_canvas(obj) if permissions.may_count(user) else NOBODY_WAITS
        return {
            "waits": waits,
            "workflow": obj,
            "draft_key": f"{user.pk}/{obj.pk}/about",
            "outline": outline(
                scope.document,
                problems=scope.problems,
                rows=rows,
                readable=permissions.may_edit(user),
                deleted=scope.deleted,
                waits=waits,
            ),
            "has_unpublished_changes": lifecycle.unpublished_changes(obj, scope.document),
            "unpublished_total": max(len(new), 1),
            "moves_money": moves_money(scope.document),
            "changes_customers": changes_customers(scope.document),
            "may_edit": may_edit,
            "mends": mends(scope, rows if may_edit else None),
            **(undo_context(scope) if may_edit else {}),
            "may_change_state": permissions.may_change_state(user),
            "may_add": permissions.may_add(user),
            "may_save_template": permissions.may_save_templates(user),
            "may_pause": permissions.may_pause(user),
            **start_context(request, obj),
            "may_start_many": may_start_many(obj),
            **fill_context(obj),
            "may_fill": permissions.may_replay(user),
            **pauses_context(obj, user),
            **switch_context(request),
            **refund_limits_context(request, obj),
            "next_states": {state.value: obj.state.may_become(state) for state in WorkflowStatus},
            "audit_url": entries_url(request, workflow=obj.pk),
            "runs_url": self._runs_url(obj) if permissions.may_see_runs(user) else "",
            "last_status": RunStatus(obj.last_run_status) if obj.last_run_status else None,
            "last_run_ago": _ago(obj.last_run_at) if obj.last_run_at else "",
        }

    def _runs_url(self, obj: Workflow) -> str:
        """The runs of this workflow, if runs have pages in this admin."""
        try:
            address = reverse("admin:stripeflow_workflows_run_changelist")
        except NoReverseMatch:
            return ""
        return f"{address}?workflow__id__exact={obj.pk}"

    # Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not permissions.may_delete(request.user):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is not None and (reason := lifecycle.kept_because(obj)):
            messages.error(request, reason)
            return HttpResponseRedirect(workflow_url(obj))
        try:
            return super().delete_view(request, object_id, extra_context)
        except editing.NotAllowed as error:  # somebody else was faster
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:stripeflow_workflows_workflow_changelist"))

    def delete_model(self, request: HttpRequest, obj: Workflow) -> None:
        lifecycle.delete(obj, act=Act.of(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], Any]:
        """The pieces of a workflow go with it, and need no permissions of their own."""
        found, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return found, counts, set(), protected


def _ago(at: datetime) -> str:
    """How long ago, in the largest unit."""
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%s ago") % timesince(at, depth=1)


def _pill(kind: str, label: Any) -> SafeString:
    return render_to_string(_PILL, {"kind": kind, "label": label})
