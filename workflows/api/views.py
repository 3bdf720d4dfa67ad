"""What all views have in common. Nothing is left to a host project's REST_FRAMEWORK settings."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.urls import ResolverMatch, resolve
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.schemas.inspectors import ViewInspector
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from stripeflow.workflows.api.access import Access, DeclaredAccess, anyone_known
from stripeflow.workflows.api.authentication import TokenAuthentication
from stripeflow.workflows.api.errors import ApiError, handle
from stripeflow.workflows.api.json_body import JsonBodyParser, settle
from stripeflow.workflows.api.negotiation import ByAcceptAlone, PlainJson
from stripeflow.workflows.api.openapi import ApiSchema


class ApiAccess(APIView):
    """Authentication, permissions and errors, for every view below /api/v1/."""

    access: ClassVar[Access] = {}
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (DeclaredAccess,)
    parser_classes = (JsonBodyParser,)
    content_negotiation_class = ByAcceptAlone
    throttle_classes = ()
    versioning_class = None
    metadata_class = None

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return handle

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The methods of this address, in the header Allow, which every answer has."""
        _answer_in_json(request)
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(response, "exception", False):
            # Errors are JSON, also where the view gives pages or YAML.
            _answer_in_json(request)
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        return response


def _answer_in_json(request: Any) -> None:
    request.accepted_renderer = PlainJson()
    request.accepted_media_type = PlainJson.media_type


class ApiViewSet(ApiAccess, GenericViewSet):
    """The views that speak JSON. Each method is routed by name in `urls`, and declared in `access`."""

    renderer_classes = (PlainJson,)
    filter_backends = ()
    pagination_class: type[BasePagination] | None = None
    schema: ViewInspector | None = ApiSchema()
    # What the operation was given, checked against what it declares.
    query: dict[str, Any]
    body: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        settle(request._request)
        takes = getattr(getattr(self, self.action or "", None), "takes", None)
        if takes is not None:
            self.query, self.body = takes.read(request)


class NothingHere(ApiViewSet):
    """Every other address: 404 in the shape of all errors, for authenticated callers."""

    access: ClassVar[Access] = {"nothing": anyone_known}
    schema = None

    def nothing(self, request: Request, **_parameters: object) -> Response:
        raise ApiError(_nothing_at(request), code="not_found", status=404)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.nothing(request)


def _nothing_at(request: Request) -> Any:
    """Says so, and names the address that was meant if only its last slash is missing."""
    with_slash = resolve(request.path_info + "/")
    if with_slash.url_name == cast(ResolverMatch, request.resolver_match).url_name:
        return _("There is nothing at this address.")
    return _("Every address ends with a slash. This one is at “%s”.") % f"{request.path}/"
