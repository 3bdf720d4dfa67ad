"""Connections: where steps call, and their authentication."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors
from stripeflow.workflows.api.shapes.connections import (
    ConnectionChange,
    ConnectionShape,
    NewConnection,
    changed,
)
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes
from stripeflow.workflows.credentials.connection_changes import ConnectionRefused, Wanted
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.models import Connection


class Connections(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_connections,
        "retrieve": permissions.may_see_connections,
        "create": permissions.may_add_connections,
        "change": permissions.may_change_connections,
        "remove": permissions.may_delete_connections,
    }
    pagination_class = NewestFirst
    newest_first = ("-created_at", "-id")

    @documented(
        "connections_list",
        summary="List the connections",
        answer=ConnectionShape(many=True),
        parameters=[Cursors],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(_rows())
        return self.get_paginated_response(ConnectionShape(page, many=True).data)

    @documented("connections_retrieve", summary="Read a connection", answer=ConnectionShape, errors=(404,))
    def retrieve(self, request: Request, name: str) -> Response:
        return Response(ConnectionShape(_connection(name)).data)

    @documented(
        "connections_create",
        summary="Create a connection",
        request=NewConnection,
        answer=ConnectionShape,
        status=201,
        errors=(400, 409),
    )
    def create(self, request: Request) -> Response:
        """Steps then name it. Its secret has to be stored before."""
        given = self.body
        if Connection.objects.filter(name=given["name"]).exists():
            message = _("There is a connection of this name. Change it, or choose another name.")
            raise ApiError(message, code="exists", status=409)
        wanted = Wanted(**changed(given))
        made = _refusing(connection_changes.create, given["name"], wanted, act=Act.of(request))
        return Response(ConnectionShape(made).data, status=201)

    @documented(
        "connections_change",
        summary="Change a connection",
        request=ConnectionChange,
        answer=ConnectionShape,
        errors=(400, 404, 409),
    )
    def change(self, request: Request, name: str) -> Response:
        """The next call of a step that names it is made so."""
        wanted = Wanted(**changed(self.body))
        _refusing(connection_changes.change, _connection(name), wanted, act=Act.of(request))
        return Response(ConnectionShape(_connection(name)).data)

    @documented(
        "connections_delete", summary="Delete a connection", answer=ConnectionShape, errors=(404, 409)
    )
    def remove(self, request: Request, name: str) -> Response:
        """Refused with 409 while a workflow needs it. Answers with what is gone.

        The message names these workflows, or counts them for who may not read them.
        """
        connection = _connection(name)
        shape = ConnectionShape(connection).data
        try:
            connection_changes.delete(connection, act=Act.of(request))
        except ConnectionRefused as error:
            raise ApiError(str(error), code="not_allowed", status=409) from error
        return Response(shape)


def _rows() -> Any:  # noqa: ANN401  a queryset
    return Connection.objects.select_related("created_by", "changed_by")


def _connection(name: str) -> Connection:
    return get_object_or_404(_rows(), name=name)


def _refusing(function: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401
    try:
        return function(*given, **named)
    except ConnectionRefused as error:
        problems = [Problem(f"/{name}", "invalid", said, field=name) for name, said in error.faults.items()]
        raise ApiError(str(error), code="invalid", problems=problems) from error
