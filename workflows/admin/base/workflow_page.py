"""Pages below a workflow's own."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.outcomes import REFUSALS, refused
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.models import Workflow


class WorkflowPage(AdminPage):
    """An address below a workflow's page. `get` and `post` are given its row."""

    route: ClassVar[str] = "<int:pk>/{name}/"

    def found(self, request: HttpRequest, *, pk: int, **address: Any) -> dict[str, Any]:
        workflow = Workflow.objects.select_related("active_version").filter(pk=pk).first()
        if workflow is None:
            raise Http404
        return {"workflow": workflow, **address}

    def shown(self, request: HttpRequest, *, workflow: Workflow, **context: Any) -> HttpResponse:
        return super().shown(request, workflow=workflow, workflow_url=workflow_url(workflow), **context)


class WorkflowButton(WorkflowPage):
    """A button on a workflow's page: `change` makes one change, and returns the response."""

    def post(self, request: HttpRequest, workflow: Workflow, **address: Any) -> HttpResponseBase:
        try:
            return self.change(request, workflow, **address)
        except REFUSALS as error:
            return refused(request, workflow, error)

    def change(self, request: HttpRequest, workflow: Workflow, *args: Any, **kwargs: Any) -> HttpResponse:
        """For subclasses. May raise the exceptions of `REFUSALS`."""
        raise NotImplementedError
