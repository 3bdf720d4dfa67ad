"""How much money a workflow may move in a day."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.shapes.limits import Limits, SetCaps
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits.caps import OwnCaps, set_caps
from stripeflow.workflows.limits.spending import caps_of, scope_of
from stripeflow.workflows.models import Spending, Workflow
from stripeflow.workflows.states import WorkflowStatus


class DailyLimits(ApiViewSet):
    access: ClassVar[Access] = {
        "show": permissions.may_view,
        "set": permissions.may_set_refund_limits,
    }

    @documented("workflows_limits", summary="Read the daily limits", answer=Limits, errors=(404,))
    def show(self, request: Request, pk: int) -> Response:
        """Days are days in UTC. A currency that is not named has no limit."""
        return _answer(_workflow(pk))

    @documented(
        "workflows_set_limits",
        summary="Set the daily limits",
        request=SetCaps,
        answer=Limits,
        errors=(400, 404, 409),
    )
    def set(self, request: Request, pk: int) -> Response:
        """They hold from this moment, also for runs that are under way."""
        workflow = _workflow(pk)
        if workflow.state is WorkflowStatus.ARCHIVED:
            raise NotPossible(_("The workflow is archived. Restore it first."))
        seen = _caps(self.body["seen"])
        if not set_caps(workflow, _caps(self.body), Act.of(request), seen=seen):
            message = _("Somebody else has changed the limits in the meantime. Read them again.")
            raise ApiError(message, code="revision_conflict", status=409)
        return _answer(_workflow(pk))


def _caps(given: dict[str, Any]) -> OwnCaps:
    return OwnCaps(given["all_customers"], given["one_customer"])


def _workflow(pk: int) -> Workflow:
    return get_object_or_404(Workflow, pk=pk)


def _answer(workflow: Workflow) -> Response:
    caps = caps_of(workflow.pk)
    today = Spending.objects.filter(scope=scope_of(workflow.pk), day=timezone.now().date(), amount__gt=0)
    shown = {
        "all_customers": caps.every_of_workflow,
        "one_customer": caps.one_of_workflow,
        "installation_all_customers": caps.every_of_all,
        "installation_one_customer": caps.one_of_all,
        "moved": today.order_by("currency", "-amount", "pk")[:1000],
    }
    return Response(Limits(shown).data)
