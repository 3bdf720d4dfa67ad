"""Pausing one workflow: its runs are held, and nothing is lost."""

import logging
from typing import ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import ETAG, documented
from stripeflow.workflows.api.shapes.operations import Pause, Resumed
from stripeflow.workflows.api.shapes.workflows import WorkflowDetail
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.api.workflows import answer_with
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits import people
from stripeflow.workflows.models import Workflow

logger = logging.getLogger(__name__)


class Pauses(ApiViewSet):
    access: ClassVar[Access] = dict.fromkeys(("pause", "resume"), permissions.may_pause)

    @documented(
        "workflows_pause",
        summary="Pause",
        request=Pause,
        answer=WorkflowDetail,
        parameters=[ETAG],
        unseen=True,
        errors=(404, 409),
    )
    def pause(self, request: Request, pk: int) -> Response:
        """Its runs are held before their next step, and its events make runs that are held."""
        workflow = _workflow(pk)
        people.pause(workflow, Act.of(request, self.body.get("reason", "")))
        _log("paused", request, workflow)
        return answer_with(request, workflow)

    @documented("workflows_resume", summary="Resume", answer=Resumed, errors=(404, 409))
    def resume(self, request: Request, pk: int) -> Response:
        """The runs that the pause held go on where they were.

        Where the active version moves money or changes customers, a permission of its own is needed for
        each. Without it, held runs of older versions of that kind are held back.
        """
        workflow = _workflow(pk)
        went_on = people.resume(workflow, Act.of(request))
        _log("resumed", request, workflow)
        return Response(Resumed(went_on).data)


def _workflow(pk: int) -> Workflow:
    return get_object_or_404(Workflow.objects.select_related("active_version", "owner"), pk=pk)


def _log(change: str, request: Request, workflow: Workflow) -> None:
    extra = {"change": change, "workflow": workflow.pk, "user": request.user.pk}
    logger.info("workflows.api.changed", extra=extra)
