"""Approvals: what waits for people, and deciding on it."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors, number_field
from stripeflow.workflows.api.runs import filtered, seen_by
from stripeflow.workflows.api.shapes.approvals import ApprovalShape, BulkDecide, BulkDecided, Decide
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Approval
from stripeflow.workflows.models.approval import ApprovalStatus, Verdict
from stripeflow.workflows.operations.deciding import decide, decide_each

_LOOKUPS = {"status": "status", "run": "run", "workflow": "run__workflow"}


class ApprovalQuery(Cursors):
    status = serializers.ChoiceField(ApprovalStatus.choices, required=False)
    run = serializers.UUIDField(required=False, help_text="Id of the run.")
    workflow = number_field("Id of the workflow.")


class Approvals(ApiViewSet):
    """Nobody decides on their own request. To approve what moves money needs a permission of its own."""

    access: ClassVar[Access] = {
        "list": permissions.may_see_runs,
        "retrieve": permissions.may_see_runs,
        "decide": permissions.may_decide,
        "bulk_decide": permissions.may_decide,
    }
    pagination_class = NewestFirst
    newest_first = ("-id",)

    @documented(
        "approvals_list",
        summary="List approvals",
        answer=ApprovalShape(many=True),
        parameters=[ApprovalQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(filtered(_rows(), self.query, _LOOKUPS))
        return self.get_paginated_response(ApprovalShape(page, many=True, context=seen_by(request)).data)

    @documented("approvals_retrieve", summary="Read an approval", answer=ApprovalShape, errors=(404,))
    def retrieve(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)

    @documented(
        "approvals_decide",
        summary="Approve or decline",
        request=Decide,
        answer=ApprovalShape,
        errors=(400, 404, 409),
    )
    def decide(self, request: Request, pk: int) -> Response:
        """One decline ends it. Once as many people have approved as it needs, the run goes on."""
        body = self.body
        approval = get_object_or_404(_rows(), pk=pk)
        decide(approval, Verdict(body["verdict"]), _act(request, body), seen=body["digest"])
        return _answer(request, pk)

    @documented(
        "approvals_bulk_decide",
        summary="Approve or decline many",
        request=BulkDecide,
        answer=BulkDecided,
        errors=(400,),
    )
    def bulk_decide(self, request: Request) -> Response:
        """Each for itself: what is not possible for one is said in its result."""
        body = self.body
        seen = {one["id"]: one["digest"] for one in body["approvals"]}
        results = list(decide_each(seen, Verdict(body["verdict"]), _act(request, body)))
        return Response(BulkDecided({"results": results}).data)


def _rows() -> QuerySet[Approval]:
    return Approval.objects.select_related("run__workflow", "run__version", "run__event").prefetch_related(
        "decisions"
    )


def _answer(request: Request, pk: int) -> Response:
    found = get_object_or_404(_rows(), pk=pk)
    return Response(ApprovalShape(found, context=seen_by(request)).data)


def _act(request: Request, body: dict[str, Any]) -> Act:
    return Act.of(request, body.get("note", ""))
