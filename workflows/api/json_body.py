"""Reading JSON from strangers: bounded, strict, and nothing that a database could not keep."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from stripeflow.triggers import chunked, strict_json
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.schema import LIMIT_BYTES


def settle(request: HttpRequest) -> None:
    """Let a body that came in chunks be read like any other. Raises `ApiError`."""
    try:
        chunked.settle(request, limit=LIMIT_BYTES)
    except chunked.NoLength as error:
        raise ApiError(chunked.NO_LENGTH, code="length_required", status=411) from error
    except chunked.BrokenChunks as error:
        raise ApiError(_("The body ended early."), code="not_json") from error


class JsonBodyParser(BaseParser):
    """Plain JSON in UTF-8 of at most `LIMIT_BYTES`: no NaN, no NUL, no endless nesting."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return strict_json.read(stream.read(LIMIT_BYTES + 1), limit=LIMIT_BYTES)
        except strict_json.Refused as error:
            raise _as_api_error(error) from error


def _as_api_error(error: strict_json.Refused) -> ApiError:
    """400, or 413 if the body is too long."""
    status = 413 if error.reason is strict_json.Reason.TOO_LONG else 400
    at = [Problem(error.path, error.reason, str(error.message))]
    problems = at if error.reason is strict_json.Reason.CHARACTER else []
    return ApiError(error.message, code=error.reason, status=status, problems=problems)
