"""Recurring schedules: where one stands, the times that started nothing, and filling a period."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors
from stripeflow.workflows.api.shapes.schedules import (
    ChoosePeriod,
    FilledShape,
    FillPeriod,
    LeftOutShape,
    PeriodShape,
    ScheduleShape,
)
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import LeftOutTime, Schedule, Workflow
from stripeflow.workflows.operations.filling import NotConfirmed, fill, period_of


class Schedules(ApiViewSet):
    access: ClassVar[Access] = {
        "retrieve": permissions.may_view,
        "left_out": permissions.may_view,
        "preview": permissions.may_replay,
        "fill": permissions.may_replay,
    }
    pagination_class = NewestFirst
    newest_first = ("-last_at", "-id")

    @documented(
        "schedules_retrieve",
        summary="Where the schedule of a workflow stands",
        answer=ScheduleShape,
        errors=(404,),
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """404 if the workflow was never active with a schedule."""
        return Response(
            ScheduleShape(get_object_or_404(Schedule, workflow=get_object_or_404(Workflow, pk=pk))).data
        )

    @documented(
        "schedules_left_out",
        summary="List the times of a schedule that started nothing",
        answer=LeftOutShape(many=True),
        parameters=[Cursors],
        errors=(400, 404),
    )
    def left_out(self, request: Request, pk: int) -> Response:
        """Newest first, each with its reason."""
        workflow = get_object_or_404(Workflow, pk=pk)
        page = self.paginate_queryset(LeftOutTime.objects.filter(workflow=workflow))
        return self.get_paginated_response(LeftOutShape(page, many=True).data)

    @documented(
        "schedules_preview",
        summary="Preview filling a period",
        request=ChoosePeriod,
        answer=PeriodShape,
        errors=(400, 404, 409),
    )
    def preview(self, request: Request, pk: int) -> Response:
        """The exact times of the active version between two instants, and which of them have run."""
        body = self.body
        return Response(PeriodShape(period_of(_workflow(pk), body["since"], body["until"])).data)

    @documented(
        "schedules_fill",
        summary="Fill a period",
        request=FillPeriod,
        answer=FilledShape,
        status=201,
        errors=(400, 404, 409),
    )
    def fill(self, request: Request, pk: int) -> Response:
        """Starts a run for each of the times, oldest first, each in a transaction of its own.

        May be repeated: a time that has run is left alone. 409 with the code `confirmation` if money moves
        and `confirm` is not the number of times.
        """
        body, workflow = self.body, _workflow(pk)
        version = workflow.versions.select_related("workflow__active_version").filter(number=body["version"])
        found = get_object_or_404(version)
        check(request.user, Operation.FILL, [found.document])
        act = Act.of(request, body.get("note", ""), seen_at=body.get("seen_at"))
        chosen = {"again": body.get("again", ()), "confirmed": body.get("confirm")}
        try:
            done = fill(found, body.get("times", ()), act, **chosen)
        except NotConfirmed as error:
            raise ApiError(str(error), code="confirmation", status=409) from error
        return Response(FilledShape(done).data, status=201)


def _workflow(pk: int) -> Workflow:
    return get_object_or_404(Workflow.objects.select_related("active_version"), pk=pk)
