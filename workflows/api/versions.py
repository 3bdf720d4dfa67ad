"""The frozen versions of a workflow, newest first."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import WorkflowPages
from stripeflow.workflows.api.query import Pages
from stripeflow.workflows.api.shapes.workflows import VersionDetail, VersionSummary
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.models import Workflow


class Versions(ApiViewSet):
    access: ClassVar[Access] = {"list": permissions.may_view, "retrieve": permissions.may_view}
    pagination_class = WorkflowPages

    @documented(
        "workflow_versions_list",
        summary="List the versions",
        answer=VersionSummary(many=True),
        parameters=[Pages],
        errors=(400, 404),
    )
    def list(self, request: Request, pk: int) -> Response:
        workflow = get_object_or_404(Workflow, pk=pk)
        page = self.paginate_queryset(workflow.versions.defer("document", "types"))
        shapes = VersionSummary(page, many=True, context={"workflow": workflow})
        return self.get_paginated_response(shapes.data)

    @documented("workflow_versions_retrieve", summary="Read a version", answer=VersionDetail, errors=(404,))
    def retrieve(self, request: Request, pk: int, number: int) -> Response:
        workflow = get_object_or_404(Workflow, pk=pk)
        version = get_object_or_404(workflow.versions, number=number)
        context = {"workflow": workflow, "user": request.user}
        return Response(VersionDetail(version, context=context).data)
