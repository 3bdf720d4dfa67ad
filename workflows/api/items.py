"""The items of a run's loops: a list with filters, and one of them with its steps."""

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.fields import SomeOf
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors
from stripeflow.workflows.api.runs import filtered, seen_by
from stripeflow.workflows.api.shapes.runs import ItemDetail, ItemSummary, RetryPreviewShape
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.history.retry_preview import retry_preview
from stripeflow.workflows.models import LoopItem, Run
from stripeflow.workflows.states import ItemStatus

_LOOKUPS = {"status": "status__in", "loop": "loop__path", "object_id": "object_id"}


class ItemQuery(Cursors):
    status = SomeOf(choices=ItemStatus.choices, required=False)
    loop = serializers.CharField(required=False, help_text="The path of the loop's step.")
    object_id = serializers.CharField(required=False, help_text="The item's own id.")


class Items(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_runs,
        "retrieve": permissions.may_see_runs,
        "preview": permissions.may_see_runs,
    }
    pagination_class = NewestFirst
    # In the order of the lists, one loop after the other.
    newest_first = ("loop_id", "number")

    @documented(
        "runs_items",
        summary="List the items of a run's loops",
        answer=ItemSummary(many=True),
        parameters=[ItemQuery],
        errors=(400, 403, 404),
    )
    def list(self, request: Request, pk: str) -> Response:
        """In the order of the list, a page at a time."""
        get_object_or_404(Run.objects.only("pk"), pk=pk)
        if not permissions.may_see_payloads(request.user) and self.query.keys() & {"object_id", "loop"}:
            message = _("Looking for the id of an item needs the permission to see payloads.")
            raise PermissionDenied(message)
        page = self.paginate_queryset(filtered(_rows(pk).defer("value"), self.query, _LOOKUPS))
        return self.get_paginated_response(ItemSummary(page, many=True, context=seen_by(request)).data)

    @documented("runs_item", summary="Read an item of a loop", answer=ItemDetail, errors=(404,))
    def retrieve(self, request: Request, pk: str, item: int) -> Response:
        """With its steps, but not those of loops inside."""
        found = get_object_or_404(_rows(pk), pk=item)
        return Response(ItemDetail(found, context=seen_by(request)).data)

    @documented(
        "runs_retry_preview", summary="See what a retry would do", answer=RetryPreviewShape, errors=(404,)
    )
    def preview(self, request: Request, pk: str) -> Response:
        """A 404 for a run of which no loop has failed: its retry goes on at the step that failed."""
        run = get_object_or_404(Run.objects.select_related("version"), pk=pk)
        found = retry_preview(run)
        if found is None:
            raise Http404
        return Response(RetryPreviewShape(found).data)


def _rows(pk: str) -> QuerySet[LoopItem]:
    return LoopItem.objects.select_related("loop__run").filter(loop__run_id=pk)
