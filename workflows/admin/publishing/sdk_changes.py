"""After an upgrade of the `stripe` package: what active workflows use that the installed one has not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.maintenance.sdk_changes import UNLISTED, Finding, findings, installed
from stripeflow.workflows.models import Step


class SdkChangesPage(AdminPage):
    """The installed SDK, and each workflow and step that needs a person."""

    name = "sdk"
    route = "stripe-sdk/"
    permission = permissions.may_view
    template = "stripeflow/workflows/admin/sdk_changes.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(findings())
        rows = _rows_of(found)
        return self.shown(
            request,
            title=_("Stripe's SDK"),
            sdk=installed(),
            failing=[_shown(one, rows) for one in found if one.code != UNLISTED],
            unlisted=[_shown(one, rows) for one in found if one.code == UNLISTED],
        )


def _rows_of(found: list[Finding]) -> dict[tuple[int, str], int]:
    """The rows of the steps, as far as the drafts still have them: by workflow and key."""
    rows = Step.objects.filter(workflow__in={one.workflow for one in found})
    return {(workflow, key): pk for workflow, key, pk in rows.values_list("workflow", "key", "pk")}


def _shown(one: Finding, rows: dict[tuple[int, str], int]) -> dict[str, Any]:
    page = reverse("admin:stripeflow_workflows_workflow_change", args=[one.workflow])
    step = rows.get((one.workflow, one.step))
    return {
        "finding": one,
        "url": page,
        "step_url": reverse("admin:stripeflow_workflows_step_change", args=[step]) if step else "",
    }
