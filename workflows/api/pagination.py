"""Pages of lists. Lists that grow for ever have cursors; workflows have page numbers."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows.api.errors import ApiError

PAGE_SIZE = 50
MAX_PAGE_SIZE = 100


class WorkflowPages(PageNumberPagination):
    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "limit"


class NewestFirst(CursorPagination):
    """By `newest_first` of the view, so that a page does not shift while rows are added."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "limit"

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        return view.newest_first

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, NotFound, ValueError) as error:
            message = _("The cursor is not one of this list. Take it from “next” or “previous”.")
            raise ApiError(message, code="cursor_invalid") from error


class WholeList(BasePagination):
    """Lists that are short by nature come whole, in the shape of all lists."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return list(queryset)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": ["results"], "properties": {"results": schema}}

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        return []
