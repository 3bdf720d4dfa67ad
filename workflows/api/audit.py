"""The audit log: who did what. It is read here, and written by the acts themselves."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.triggers.widths import fitted
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors, number_field
from stripeflow.workflows.api.shapes.audit import AuditShape
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.reading import entries
from stripeflow.workflows.models.audit import Via


class AuditQuery(Cursors):
    kind = serializers.CharField(required=False, help_text="Such as `workflow.activated`.")
    user = serializers.CharField(required=False, help_text="User name, as it was then.")
    user_id = serializers.CharField(required=False)
    via = serializers.ChoiceField(required=False, choices=Via.choices)
    token_id = number_field("Id of the API token.")
    object_kind = serializers.CharField(required=False, help_text="Such as `run`.")
    object_id = serializers.CharField(required=False)
    workflow = number_field("Id of the workflow that it concerns.")
    since = TimeField(required=False, help_text="At this time or later.")
    until = TimeField(required=False, help_text="Before this time.")


class Audit(ApiViewSet):
    access: ClassVar[Access] = {"list": permissions.may_see_audit_log}
    pagination_class = NewestFirst
    newest_first = ("-id",)

    @documented(
        "audit_list",
        summary="List who did what",
        answer=AuditShape(many=True),
        parameters=[AuditQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        """Newest first. Entries are never changed, and stay when a person or a workflow goes."""
        given = self.query.items()
        wanted = {name: fitted(value) if isinstance(value, str) else value for name, value in given}
        page = self.paginate_queryset(entries(wanted))
        return self.get_paginated_response(AuditShape(page, many=True).data)
