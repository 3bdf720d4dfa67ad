"""How much a workflow may give back in a day: shown with what was spent, and changed as rows."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.money import format_minor
from workflows import conf, permissions
from workflows.admin.pieces import log_on_workflow, workflow_url
from workflows.forms.refund_limits import limit_rows
from workflows.limits.spending import scope_of
from workflows.models import Workflow
from workflows.models.limits import Spending
from workflows.states import WorkflowStatus

TEMPLATE = "stripeflow/workflows/admin/refund_limits_page.html"


@dataclass(frozen=True)
class Limit:
    """One currency today (UTC). `cap` and `everything` (of the installation) are empty without a limit."""

    currency: str
    spent: str
    cap: str
    everything: str
    reached: bool


def limits_today(workflow: Workflow) -> list[Limit]:
    """What the workflow gave back today, and may give back, by currency."""
    today = Spending.objects.filter(scope=scope_of(workflow.pk), day=timezone.now().date())
    spent = dict(today.values_list("currency", "amount"))
    overall = conf.get("REFUND_CAPS_PER_DAY")
    caps = workflow.refund_caps
    return [
        Limit(
            currency=key.upper(),
            spent=format_minor(spent.get(key, 0), key),
            cap=format_minor(caps[key], key) if key in caps else "",
            everything=format_minor(overall[key], key) if key in overall else "",
            reached=key in caps and spent.get(key, 0) >= caps[key],
        )
        for key in sorted({*caps, *(one for one, amount in spent.items() if amount)})
    ]


class RefundLimitViews:
    """The address below a workflow's page that takes its daily refund limits. A mixin of its ModelAdmin."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_limits_view)
        name = "stripeflow_workflows_workflow_refund_limits"
        return [path("<int:pk>/refund-limits/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def refund_limits_context(self, request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
        """The rows beside the outline; to fill in only for who may set them."""
        may_set = _may_set(request, workflow)
        return {
            "refund_limits": limits_today(workflow),
            "limit_rows": limit_rows(workflow.refund_caps) if may_set else None,
            "limits_seen": _seen(workflow),
        }

    def refund_limits_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The rows on a page of their own, which also says what is wrong with them."""
        workflow: Workflow = self._workflow(pk)  # type: ignore[attr-defined]
        if not _may_set(request, workflow):
            raise PermissionDenied
        rows = limit_rows(workflow.refund_caps, request.POST if request.method == "POST" else None)
        if rows.is_bound and rows.is_valid():
            return _save(request, workflow, rows.caps())
        context = {
            **self.admin_site.each_context(request),
            **self.refund_limits_context(request, workflow),
            "title": _("Daily refund limits of “%s”") % workflow.name,
            "opts": self.opts,  # type: ignore[attr-defined]
            "media": self.media,  # type: ignore[attr-defined]
            "workflow": workflow,
            "workflow_url": workflow_url(workflow),
            "limit_rows": rows,
        }
        return TemplateResponse(request, TEMPLATE, context)


def _save(request: HttpRequest, workflow: Workflow, caps: dict[str, int]) -> HttpResponse:
    with transaction.atomic():
        row = Workflow.objects.select_for_update().get(pk=workflow.pk)
        unchanged = request.POST.get("seen") == _seen(row)
        if unchanged:
            Workflow.objects.filter(pk=row.pk).update(refund_caps=caps)
    if not unchanged:
        messages.error(request, _("Somebody else has changed the limits in the meantime. These are theirs."))
        return HttpResponseRedirect(workflow_url(workflow))
    shown = ", ".join(format_minor(caps[key], key) for key in sorted(caps)) or _("none")
    message = _("Daily refund limits: %s.") % shown
    log_on_workflow(request, workflow, message)
    messages.success(request, message)
    return HttpResponseRedirect(workflow_url(workflow))


def _may_set(request: HttpRequest, workflow: Workflow) -> bool:
    archived = workflow.state is WorkflowStatus.ARCHIVED
    return permissions.may_set_refund_limits(request.user) and not archived


def _seen(workflow: Workflow) -> str:
    return json.dumps(workflow.refund_caps, sort_keys=True)
