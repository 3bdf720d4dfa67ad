"""Turns a request's body into JSON, and refuses what a database or the stack could not hold."""

from typing import Any

from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import chunked, strict_json


class InvalidBody(ValueError):
    """The body is not JSON that we accept; the message says why."""


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
    """Return the JSON value that `text` holds.

    A number that is too large to be one here is None. Raises InvalidBody for what is not JSON, and for
    nesting that is too deep.
    """
    try:
        return strict_json.parse(text, drop_huge_numbers=True)
    except strict_json.Refused as error:
        raise InvalidBody(error.message) from error
