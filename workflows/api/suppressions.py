"""The addresses that get no e-mail: for a mail provider's notices of bounces and complaints, among others."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.fields import OneOf
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors
from stripeflow.workflows.api.shapes.suppressions import NewSuppression, SuppressionShape
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.suppressions import changes
from stripeflow.workflows.suppressions.changes import SuppressionRefused


class SuppressionQuery(Cursors):
    address = serializers.CharField(required=False, help_text="One address, in whatever way it is written.")
    reason = OneOf(required=False, choices=Reason.choices)


class Suppressions(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_suppressions,
        "create": permissions.may_add_suppressions,
        "remove": permissions.may_remove_suppressions,
    }
    pagination_class = NewestFirst
    newest_first = ("-created_at", "-id")

    @documented(
        "suppressions_list",
        summary="List the addresses that get no e-mail",
        answer=SuppressionShape(many=True),
        parameters=[SuppressionQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        """Newest first. An address may be there for several reasons, each with an entry of its own."""
        given, rows = self.query, Suppression.objects.all()
        if "address" in given:
            rows = rows.filter(address=normalized(given["address"]))
        if "reason" in given:
            rows = rows.filter(reason=given["reason"])
        return self.get_paginated_response(SuppressionShape(self.paginate_queryset(rows), many=True).data)

    @documented(
        "suppressions_create",
        summary="Let an address get no e-mail",
        request=NewSuppression,
        answer=SuppressionShape,
        status=201,
        errors=(400,),
    )
    def create(self, request: Request) -> Response:
        """Workflows send it nothing from then on. An entry that is there already stays as it is."""
        given = self.body
        try:
            made, _is_new = changes.add(
                given["address"], given["reason"], note=given.get("note", ""), act=Act.of(request)
            )
        except SuppressionRefused as error:
            raise ApiError(str(error), code="invalid", status=400) from error
        return Response(SuppressionShape(made).data, status=201)

    @documented(
        "suppressions_delete",
        summary="Let an address get e-mail again",
        answer=SuppressionShape,
        errors=(404,),
    )
    def remove(self, request: Request, pk: int) -> Response:
        """Takes one entry off the list; another one of the same address stays. Answers with what is gone."""
        entry = get_object_or_404(Suppression, pk=pk)
        shape = SuppressionShape(entry).data
        changes.remove(entry, act=Act.of(request))
        return Response(shape)
