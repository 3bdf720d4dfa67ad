"""The history: runs, newest first, and one of them with its steps."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.triggers.account_filter import of_account
from stripeflow.triggers.models import BODY
from stripeflow.triggers.widths import fitted
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.addresses import location
from stripeflow.workflows.api.fields import SomeOf, TimeField
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors, account_field, livemode_field, number_field
from stripeflow.workflows.api.shapes.runs import RunDetail, RunSummary
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus

# Query parameter → lookup.
_LOOKUPS = {
    "workflow": "workflow",
    "version": "version__number",
    "status": "status__in",
    "event": "event",
    "event_id": "event__external_id",
    "event_type": "event__type",
    "object_id": "object_id",
    "livemode": "livemode",
    "held_reason": "held_reason__in",
    "created_after": "created_at__gte",
    "created_before": "created_at__lt",
}


class RunQuery(Cursors):
    status = SomeOf(choices=RunStatus.choices, required=False)
    workflow = number_field("Id of the workflow.")
    version = number_field("Number of its version.")
    event = number_field("Our id of the event.")
    event_id = serializers.CharField(required=False, help_text="Stripe's id of the event.")
    event_type = serializers.CharField(required=False)
    object_id = serializers.CharField(required=False, help_text="The Stripe object it is about.")
    account = account_field()
    livemode = livemode_field()
    held_reason = serializers.MultipleChoiceField(choices=HeldReason.choices, required=False)
    created_after = TimeField(required=False, help_text="At this time or later.")
    created_before = TimeField(required=False, help_text="Before this time.")


class Runs(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_runs,
        "retrieve": permissions.may_see_runs,
    }
    pagination_class = NewestFirst
    newest_first = ("-created_at", "-id")

    @documented(
        "runs_list",
        summary="List runs",
        answer=RunSummary(many=True),
        parameters=[RunQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        rows = of_account(_rows(), self.query.get("account", ""))
        page = self.paginate_queryset(filtered(rows, self.query, _LOOKUPS))
        return self.get_paginated_response(RunSummary(page, many=True, context=seen_by(request)).data)

    @documented("runs_retrieve", summary="Read a run", answer=RunDetail, errors=(404,))
    def retrieve(self, request: Request, pk: str) -> Response:
        return answer_with_run(request, pk)


def seen_by(request: Request) -> dict[str, Any]:
    """The context of shapes that hide values from those who may not see payloads."""
    return {"payloads": permissions.may_see_payloads(request.user)}


def filtered(rows: QuerySet, query: dict[str, Any], lookups: dict[str, str]) -> QuerySet:
    """The rows that agree with every parameter that was given; a long text is cut as its column is."""
    given = {name: fitted(value) if isinstance(value, str) else value for name, value in query.items()}
    return rows.filter(**{lookups[name]: value for name, value in given.items() if name in lookups})


def _rows() -> QuerySet[Run]:
    return Run.objects.select_related("workflow", "version", "event").defer(
        "version__document", *(f"event__{name}" for name in BODY)
    )


def answer_with_run(request: Request, pk: Any, *, status: int = 200) -> Response:
    """The run as it is now, with its steps; without content for people who changed it and may not view it."""
    made = location(request, "run", pk) if status == 201 else {}
    if not permissions.may_see_runs(request.user):
        return Response(status=204, headers=made)
    run = get_object_or_404(_rows().prefetch_related("operations", "approvals__decisions"), pk=pk)
    return Response(RunDetail(run, context=seen_by(request)).data, status=status, headers=made)
