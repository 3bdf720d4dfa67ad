"""Reading JSON from strangers: bounded, strict, and nothing that a database could not keep."""

import json
import math
import re
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from stripeflow.triggers import chunked
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.definition.problems import Problem

# A definition of 200 steps with long texts stays well below.
LIMIT_BYTES = 1024 * 1024
MAX_DEPTH = 100

# PostgreSQL's jsonb refuses NUL, and half of a surrogate pair is no text at all.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def settle(request: HttpRequest) -> None:
    """Have a body that came in chunks read like any other. Raises `ApiError`."""
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
        return parse_json(stream.read(LIMIT_BYTES + 1))


def parse_json(body: bytes) -> Any:
    """The value of a JSON text, which may begin with a byte order mark.

    Raises `ApiError` with 400, or 413 if it is too long.
    """
    if len(body) > LIMIT_BYTES:
        message = _("The body is longer than %d bytes.") % LIMIT_BYTES
        raise ApiError(message, code="body_too_large", status=413)
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ApiError(_("The body is not valid JSON in UTF-8."), code="not_json") from error
    _check(value)
    return value


def is_keepable(text: str) -> bool:
    """Whether every database can keep the text."""
    return _UNKEEPABLE.search(text) is None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _check(value: Any) -> None:
    """Walk level by level, since the value may be nested too deeply for recursion."""
    level, depth = [("", value)], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        for path, item in level:
            if isinstance(item, str) and not is_keepable(item):
                raise _unkeepable(path)
        level = [child for path, item in level for child in _children(path, item)]


def _children(path: str, item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, dict):
        for key in item:
            if not is_keepable(key):
                raise _unkeepable(path)
        return [(f"{path}/{key}", child) for key, child in item.items()]
    if isinstance(item, list):
        return [(f"{path}/{number}", child) for number, child in enumerate(item)]
    return []


def _too_deep() -> ApiError:
    return ApiError(_("The body is nested too deeply."), code="too_deep")


def _unkeepable(path: str) -> ApiError:
    message = _("The body holds a character that cannot be kept (NUL, or half of a surrogate pair).")
    return ApiError(message, code="character", problems=[Problem(path, "character", str(message))])
