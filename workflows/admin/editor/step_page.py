"""What the pages and buttons of a step share."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.outcomes import REFUSALS, done, refused
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.editor.pieces import PieceAdmin
from stripeflow.workflows.admin.editor.places import new_place
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Branch, Step, Workflow


class StepPage(AdminPage):
    """An address below a step's page: `get` and `post` are given its row."""

    route: ClassVar[str] = "<int:object_id>/{name}/"
    permission = permissions.may_edit
    admin: PieceAdmin[Step]

    def found(self, request: HttpRequest, *, object_id: int) -> dict[str, Any]:
        return {"step": self.admin.piece(request, str(object_id))}

    def shown(self, request: HttpRequest, *, step: Step, **context: Any) -> HttpResponse:
        address = workflow_url(step.workflow, self.admin.anchor_of(step))
        return super().shown(request, workflow=step.workflow, workflow_url=address, **context)


class PlacePage(AdminPage):
    """An address with the place of a new step."""

    permission = permissions.may_edit

    def found(self, request: HttpRequest) -> dict[str, Any]:
        return {"place": new_place(request.GET)}


def edit(request: HttpRequest, workflow: Workflow, change: Callable[[], Any], message: str) -> HttpResponse:
    """Make one guarded change, log it in the history, and redirect to the result."""
    try:
        with editing.editing(workflow, revision=posted_revision(request), act=Act.of(request)):
            result = change()
    except REFUSALS as error:
        return refused(request, workflow, error)
    answer = done(request, workflow, message, anchor=_anchor(result))
    if isinstance(result, Branch):
        return HttpResponseRedirect(reverse("admin:stripeflow_workflows_branch_change", args=[result.pk]))
    return answer


def _anchor(result: Any) -> str:
    return f"step-{result.key}" if isinstance(result, Step) else "steps"
