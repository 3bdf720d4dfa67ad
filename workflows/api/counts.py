"""How often each step of a version ran, and how it ended."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.fields import OneOf, TimeField
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.query import Query, number_field
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.history.counts import Counts, Range, counts_of
from stripeflow.workflows.history.waiting import WaitsAt, waits_of
from stripeflow.workflows.models import Workflow, WorkflowVersion


class CountsQuery(Query):
    version = number_field("Number of a version; without, the active one, or the newest.")
    range = OneOf(
        choices=[one.value for one in Range],
        required=False,
        help_text="Runs of today, of the last 7 or 30 days, or all; without, 7.",
    )


class WaitsShape(serializers.Serializer):
    runs = serializers.IntegerField(help_text="How many wait there now.")
    since = TimeField(help_text="Since when the first of them does.")


class StepCounts(serializers.Serializer):
    step = serializers.CharField(help_text="Its key.")
    statuses = serializers.DictField(child=serializers.IntegerField(), help_text="How often it ended so.")
    waits = WaitsShape(
        allow_null=True, help_text="Runs that wait there for a time now, of the whole version."
    )
    branches = serializers.DictField(child=serializers.IntegerField(), help_text="How often each was taken.")


class VersionCounts(serializers.Serializer):
    """Of several tries of a step, the last one counts. Steps that never ran are left out."""

    version = serializers.IntegerField()
    range = serializers.CharField()
    runs = serializers.DictField(child=serializers.IntegerField(), help_text="By status.")
    steps = StepCounts(many=True)


class CountsOfSteps(ApiViewSet):
    access: ClassVar[Access] = {"counts": permissions.may_count}

    @documented(
        "workflows_counts",
        summary="Count what steps did",
        answer=VersionCounts,
        parameters=[CountsQuery],
        errors=(400, 404),
    )
    def counts(self, request: Request, pk: int) -> Response:
        version = _version(pk, self.query.get("version"))
        span = Range(self.query.get("range", Range.WEEK))
        counts = counts_of(version, span)
        steps = _steps(counts, waits_of([version.pk]))
        shape = {"version": version.number, "range": span.value, "runs": counts.runs, "steps": steps}
        return Response(VersionCounts(shape).data)


def _version(pk: int, number: int | None) -> WorkflowVersion:
    workflow = get_object_or_404(Workflow.objects.select_related("active_version"), pk=pk)
    if number is None:
        found = workflow.active_version or workflow.versions.first()
    else:
        found = workflow.versions.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def _steps(counts: Counts, waits: dict[str, WaitsAt]) -> list[dict[str, Any]]:
    return [
        {
            "step": key,
            "statuses": counts.steps.get(key, {}),
            "waits": waits.get(key),
            "branches": {branch: number for (step, branch), number in counts.ways.items() if step == key},
        }
        for key in sorted({*counts.steps, *waits})
    ]
