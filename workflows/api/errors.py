"""Everything that goes wrong, in one shape: `{"error": {type, code, message, problems}}`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from stripeflow.actions.naming import with_close
from stripeflow.triggers.costly import Busy
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.problems import DefinitionError, Problem
from stripeflow.workflows.drafts.editing import NotAllowed, RevisionConflict
from stripeflow.workflows.models.token_scope import joined
from stripeflow.workflows.operations.refusals import Outdated, UnknownBranch
from stripeflow.workflows.permissions import InsufficientScope

# A hostile document may have a problem in every byte; the first ones are enough to begin with.
MAX_PROBLEMS = 200

_TYPES = {
    401: "authentication",
    403: "permission",
    404: "not_found",
    409: "conflict",
    412: "conflict",
    428: "conflict",
    422: "definition",
    429: "rate_limit",
}
_CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "throttled",
}


class ApiError(exceptions.APIException):
    """An error with a stable `code`, a sentence, and what is wrong in detail."""

    status_code = 400

    def __init__(
        self, message: Any, *, code: str, status: int = 400, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(message, code)
        self.code, self.status_code, self.problems = code, status, tuple(problems)


class PreconditionFailed(ApiError):
    """The workflow has another revision than `If-Match` says. `etag` is the current one."""

    def __init__(self, message: Any, *, etag: str) -> None:
        super().__init__(message, code="revision_conflict", status=412)
        self.etag = etag


class ScopeMissing(ApiError):
    """The token may not do what its owner may. `scopes` has spaces between them, as RFC 6750 has it."""

    def __init__(self, error: InsufficientScope) -> None:
        super().__init__(str(error), code="insufficient_scope", status=403)
        self.scopes = joined(error.scopes)


class Wait(ApiError):
    """Another such read of this person is not done yet. Django REST framework sends `wait` as Retry-After."""

    def __init__(self, error: Busy) -> None:
        super().__init__(str(error), code="busy", status=429)
        self.wait = error.retry_after


def not_found(message: str, name: str, known: Iterable[str]) -> ApiError:
    """404 for a name in an address, with those that come close."""
    return ApiError(with_close(message, name, known), code="not_found", status=404)


@dataclass(frozen=True)
class ErrorBody:
    """The one shape of an error."""

    type: str
    code: str
    message: str
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        shown = [problem.to_json() for problem in self.problems[:MAX_PROBLEMS]]
        return {"error": {"type": self.type, "code": self.code, "message": self.message, "problems": shown}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an exception of a view; None for a defect, which Django reports as 500."""
    known = _known(error)
    response = exception_handler(known, context)
    if response is None:
        return None
    if isinstance(known, PreconditionFailed):
        response["ETag"] = known.etag
    if isinstance(known, ScopeMissing):
        response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{known.scopes}"'
    response.data = _body(known, response.status_code).to_json()
    return response


def _known(error: Exception) -> Exception:
    """The errors of the domain as errors of the API."""
    if isinstance(error, DefinitionError):
        message = _("The definition does not have the structure of format 1. Nothing was saved.")
        return ApiError(message, code="structure", problems=error.problems)
    if isinstance(error, RevisionConflict | Outdated):
        return ApiError(str(error), code="revision_conflict", status=409)
    if isinstance(error, UnknownBranch):
        return exceptions.ValidationError({"branch": [exceptions.ErrorDetail(str(error), "unknown_branch")]})
    if isinstance(error, NotAllowed | NotPossible):
        return ApiError(str(error), code="not_allowed", status=409)
    if isinstance(error, Busy):
        return Wait(error)
    if isinstance(error, InsufficientScope):
        return ScopeMissing(error)
    if isinstance(error, ProofNeeded):
        return ApiError(str(error), code="proof_needed", status=403)
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    return error


def _body(error: Exception, status: int) -> ErrorBody:
    kind = _TYPES.get(status, "invalid_request")
    if isinstance(error, ApiError):
        if error.code == "structure":
            kind = "definition"
        return ErrorBody(kind, error.code, str(error.detail), error.problems)
    if isinstance(error, exceptions.ValidationError):
        message = str(_("The request has values that cannot be used."))
        return ErrorBody(kind, "invalid", message, tuple(_problems(error.detail)))
    return ErrorBody(kind, _CODES.get(status, "error"), _sentence(error))


def _sentence(error: Exception) -> str:
    if isinstance(error, exceptions.NotAuthenticated):
        return str(_("Send a token as “Authorization: Bearer …”, or log in."))
    detail = getattr(error, "detail", None)
    if not isinstance(error, exceptions.APIException) or isinstance(error, exceptions.NotFound):
        return str(_("There is nothing with this id or name."))
    return str(detail)


def _problems(detail: Any, path: str = "") -> Iterator[Problem]:
    """The errors of a serializer as problems; `path` is a JSON pointer."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = path if name == api_settings.NON_FIELD_ERRORS_KEY else f"{path}/{name}"
            yield from _problems(inner, own)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from _problems(inner, f"{path}/{number}" if isinstance(inner, dict) else path)
    else:
        yield Problem(path, getattr(detail, "code", "invalid"), str(detail), field=path.rpartition("/")[2])
