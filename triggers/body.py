"""Turns a request's body into JSON, refusing whatever a database or a stack could not bear."""

import json
import math
from typing import Any

from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import chunked

# Stripe's deepest objects have about fifteen levels.
MAX_DEPTH = 100
# More would make Python refuse to write the number down again.
MAX_DIGITS = 4_300


class InvalidBody(ValueError):
    """The body is not JSON that we take; the message says why."""


class BodyTooLarge(ValueError):
    """The body is longer than the limit."""


def read(request: HttpRequest, *, limit: int) -> bytes:
    """Return the body of `request`, at most `limit` bytes.

    Raises BodyTooLarge (without reading a body that announces its length), NoLength, or InvalidBody if
    the sender hung up.
    """
    try:
        chunked.settle(request, limit=limit)
    except chunked.BrokenChunks as error:
        raise InvalidBody(_("The body ended early.")) from error
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > limit):
        raise BodyTooLarge
    try:
        body = request.read(limit + 1)
    except UnreadablePostError as error:
        raise InvalidBody(_("The body ended early.")) from error
    if len(body) > limit:
        raise BodyTooLarge
    return body


def decode(body: bytes) -> str:
    """Return the text of `body`, which is UTF-8 whatever its headers say; a byte order mark is left out.

    Raises InvalidBody.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidBody(_("The body is not UTF-8.")) from error


def parse(text: str) -> Any:  # noqa: ANN401  any JSON value
    """Return the JSON value that `text` holds; of duplicate keys the last one counts.

    A number that is too large to be one here is None. Raises InvalidBody for what is not JSON, as NaN is
    not, and for nesting deeper than MAX_DEPTH.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise InvalidBody(_("The body is not valid JSON.")) from error
    if _is_deep(value):
        raise InvalidBody(_("The body is nested too deeply."))
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= MAX_DIGITS else None


def _is_deep(value: object) -> bool:
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
