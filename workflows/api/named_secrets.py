"""Secrets: their names, and what they are for. A value goes in, and never comes out."""

from typing import Any, ClassVar

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors
from stripeflow.workflows.api.shapes.secrets import NewSecret, SecretChange, SecretShape
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.credentials.secret_changes import SecretRefused
from stripeflow.workflows.models import Secret


class Secrets(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_secrets,
        "retrieve": permissions.may_see_secrets,
        "create": permissions.may_add_secrets,
        "change": permissions.may_change_secrets,
        "remove": permissions.may_delete_secrets,
    }
    pagination_class = NewestFirst
    newest_first = ("-created_at", "-id")

    @documented(
        "secrets_list",
        summary="List the secrets",
        answer=SecretShape(many=True),
        parameters=[Cursors],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        """Their names, and when each was last used. Nobody is given a value."""
        page = self.paginate_queryset(_rows())
        return self.get_paginated_response(SecretShape(page, many=True).data)

    @documented("secrets_retrieve", summary="Read a secret", answer=SecretShape, errors=(404,))
    def retrieve(self, request: Request, name: str) -> Response:
        """Everything but its value."""
        return Response(SecretShape(_secret(name)).data)

    @documented(
        "secrets_create",
        summary="Store a secret",
        request=NewSecret,
        answer=SecretShape,
        status=201,
        errors=(400, 409),
    )
    def create(self, request: Request) -> Response:
        """Steps then name it: `{"secret": "<name>"}` is the value of a secret input."""
        given = self.body
        if Secret.objects.filter(name=given["name"]).exists():
            message = _("There is a secret of this name. Replace its value, or choose another name.")
            raise ApiError(message, code="exists", status=409)
        secret = _refusing(
            secret_changes.store,
            given["name"],
            given["value"],
            description=given.get("description", ""),
            act=Act.of(request),
        )
        return Response(SecretShape(secret).data, status=201)

    @documented(
        "secrets_change",
        summary="Replace the value of a secret",
        request=SecretChange,
        answer=SecretShape,
        errors=(400, 404, 409),
    )
    def change(self, request: Request, name: str) -> Response:
        """The next call of a step that names it is given the new value. Without one it keeps its own."""
        secret, act = _secret(name), Act.of(request)
        with transaction.atomic():
            if "description" in self.body:
                _refusing(secret_changes.describe, secret, self.body["description"], act=act)
            if "value" in self.body:
                _refusing(secret_changes.replace, secret, self.body["value"], act=act)
        return Response(SecretShape(_secret(name)).data)

    @documented("secrets_delete", summary="Delete a secret", answer=SecretShape, errors=(404, 409))
    def remove(self, request: Request, name: str) -> Response:
        """Refused with 409 while a workflow needs it. Answers with what is gone.

        The message names these workflows, or counts them for who may not read them.
        """
        secret = _secret(name)
        shape = SecretShape(secret).data
        _refusing(secret_changes.delete, secret, act=Act.of(request))
        return Response(shape)


def _rows() -> Any:  # noqa: ANN401  a queryset
    return Secret.objects.select_related("created_by", "changed_by")


def _secret(name: str) -> Secret:
    return get_object_or_404(_rows(), name=name)


def _refusing(function: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401
    try:
        return function(*given, **named)
    except SecretRefused as error:
        raise ApiError(str(error), code="not_allowed", status=409) from error
