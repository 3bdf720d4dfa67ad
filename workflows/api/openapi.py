"""The OpenAPI schema: what drf-spectacular cannot see by itself is said here, once.

`SETTINGS` makes the schema the same in every host project, whatever other views that one has.
"""

from collections.abc import Callable, Iterable, Mapping
from inspect import getdoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import SPECTACULAR_DEFAULTS
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from stripeflow.workflows.api.body_schemas import BodySchema
from stripeflow.workflows.api.definition_schema import DEFINITION, add_definition
from stripeflow.workflows.api.enum_names import ENUM_NAMES
from stripeflow.workflows.api.taking import Takes

# These are no part of a schema, and may not be set for one view.
_OF_THE_PAGES = ("SERVE_", "DEFAULT_GENERATOR_CLASS")
_DEFAULTS = {
    name: value for name, value in SPECTACULAR_DEFAULTS.items() if not name.startswith(_OF_THE_PAGES)
}

SETTINGS: dict[str, Any] = {
    **_DEFAULTS,
    "SERVERS": [{"url": "/", "description": "This site."}],
    "TITLE": "StripeFlow API",
    "DESCRIPTION": "Workflows that react to Stripe events, and the runs they made.\n\n"
    "Send a token as `Authorization: Bearer sflow_…`, or use the session of the admin with Django's CSRF "
    "token. Every error has the shape `Error`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["stripeflow.workflows.api.openapi.only_ours"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "stripeflow.workflows.api.openapi.with_definition",
    ],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

_ERRORS = {
    400: "The request cannot be understood; `problems` says where.",
    401: "No token or session, or one that is not valid.",
    403: "The user may not do this.",
    404: "There is no such thing.",
    409: "The state of the workflow or run does not allow it.",
    412: "Somebody else has changed the workflow. The header `ETag` holds the current one.",
    413: "The body is larger than 1 MiB.",
    422: "The definition cannot be activated; `problems` lists every reason.",
    429: (
        "Too many wrong tokens came from this address, or another such read of this person is not done yet; "
        "the header `Retry-After` says for how long."
    ),
    428: "The header `If-Match` is missing.",
}

ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="The revision of the definition, for `If-Match`, and a digest of the answer.",
    response=[200, 201],
    examples=[OpenApiExample("Revision 7", value='"7-0123456789abcdef"')],
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="An `ETag` that you have; the answer is 304 if nothing has changed since.",
)
_LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, description="The address of what was made.", response=[201]
)


def if_match(*, required: bool) -> OpenApiParameter:
    """The request header that guards a change."""
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        required=required,
        description=(
            "The `ETag` of the workflow as you have read it; `*` for whatever it is by now. What moves money "
            "or destroys something is activated only by its `ETag`."
        ),
        examples=[OpenApiExample("Revision 7", value='"7"')],
    )


class ApiSchema(AutoSchema):
    """Groups the operations by their first part of the path: workflows, runs, events, …"""

    # One of ours, each of which names its operations.
    view: Any

    def get_tags(self) -> list[str]:
        parts = self.path.split("/api/v1/")[-1].strip("/").split("/")
        return [parts[0]]

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular takes no arguments
        """The docstring of the method; that of a view set is for readers of the code."""
        return getdoc(getattr(self.view, self.view.action)) or ""

    def _get_request_body(self, direction: str = "request") -> Any:
        """Needed wherever an empty object would be refused."""
        body = super()._get_request_body(direction)
        takes = getattr(getattr(self.view, self.view.action), "takes", None)
        if body and takes and (takes.body is None or takes.body.rules):
            body["required"] = True
        return body

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}List"


def documented(
    operation: str,
    *,
    summary: str,
    answer: Any,
    status: int = 200,
    request: Any = None,
    errors: Iterable[int] = (),
    parameters: Iterable[Any] = (),
    examples: Iterable[OpenApiExample] = (),
    unchanged: bool = False,
    unseen: bool = False,
    also: Mapping[int, str] | None = None,
) -> Callable[..., Any]:
    """Describe one operation, and declare what it takes. 400, 401, 403 and 429 can happen everywhere.

    With `unseen`, it is also for people who may not read what it answers with, and get 204. `also` are
    further statuses of the same answer, with their meaning.
    """
    from stripeflow.workflows.api.shapes.errors import Error

    parameters = list(parameters)
    failures = {code: OpenApiResponse(Error, _ERRORS[code]) for code in sorted({400, 401, 403, 429, *errors})}
    others = {code: OpenApiResponse(answer, text) for code, text in (also or {}).items()}
    same = {304: OpenApiResponse(description="Nothing has changed.")} if unchanged else {}
    if unseen:
        same[204] = OpenApiResponse(
            description="Done. You lack the permission to view it, so there is no body."
        )
    # A replay makes many runs, and says which.
    is_one = answer.__name__ in ("WorkflowDetail", "RunDetail") if isinstance(answer, type) else False
    describe = extend_schema(
        operation_id=operation,
        summary=summary,
        request=request,
        responses={status: OpenApiResponse(answer, summary), **others, **same, **failures},
        parameters=[*parameters, _LOCATION] if status == 201 and is_one else parameters,
        examples=list(examples),
    )

    def decorate(method: Any) -> Callable[..., Any]:
        method.takes = Takes.documented(request, parameters)
        # Without this, it would extend the schema class of the host's settings, which may be another one.
        method.kwargs = {"schema": ApiSchema}
        return describe(method)

    return decorate


def only_ours(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The endpoints of this package, among all of a host project."""
    return [one for one in endpoints if one[3].cls.__module__.startswith("stripeflow.workflows.api.")]


def with_definition(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Put the structure of definitions among the components."""
    return add_definition(result)


__all__ = [
    "DEFINITION",
    "ETAG",
    "IF_NONE_MATCH",
    "SETTINGS",
    "ApiSchema",
    "BodySchema",
    "documented",
    "if_match",
]
