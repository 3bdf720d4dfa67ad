"""Versions in the admin: what was frozen, by whom, and what was new in it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.reading import ReadOnly
from stripeflow.workflows.api.secrets import masked_definition
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.display.values import pretty
from stripeflow.workflows.history.difference import changes
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.states import WorkflowStatus

_PILL = "stripeflow/workflows/admin/pill.html"


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(ReadOnly):
    page_template = "stripeflow/workflows/runs/version.html"
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    list_display = ("workflow", "number", "state_pill", "author_name", "note", "created_at")
    list_filter = ("workflow", "created_at")
    list_select_related = ("workflow",)
    list_per_page = 50
    ordering = ("-created_at",)
    show_full_result_count = False
    search_fields = ("workflow__name", "note")

    def has_view_permission(self, request: HttpRequest, obj: WorkflowVersion | None = None) -> bool:
        return permissions.may_view(request.user)

    has_module_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowVersion]:
        return super().get_queryset(request).defer("document", "types")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Versions"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("state"))
    def state_pill(self, version: WorkflowVersion) -> SafeString | str:
        if version.workflow.active_version_id != version.pk:
            return ""
        return render_to_string(_PILL, {"kind": "active", "label": _("Active")})

    def page_context(self, request: HttpRequest, version: WorkflowVersion) -> dict[str, Any]:
        earlier = version.workflow.versions.filter(number__lt=version.number).first()
        document = version.document
        readable = permissions.may_edit(request.user)
        runs = reverse("admin:stripeflow_workflows_run_changelist")
        return {
            "title": f"{version.workflow.name}, {version}",
            "version": version,
            "earlier": earlier,
            "changes": changes(earlier.document, version.document, readable=readable) if earlier else (),
            "outline": outline(document, readable=readable),
            "document": pretty(masked_definition(document)),
            "is_active": version.workflow.active_version_id == version.pk,
            "may_roll_back": readable and version.workflow.state is not WorkflowStatus.ARCHIVED,
            "may_see_runs": permissions.may_see_runs(request.user),
            "runs_url": f"{runs}?workflow__id__exact={version.workflow_id}&version={version.number}",
        }
