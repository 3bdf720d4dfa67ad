"""Strict JSON: parses a text, and refuses what the stack or a database could not hold."""

import json
import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.json_safety import is_storable

# Stripe's deepest objects have about fifteen levels.
MAX_DEPTH = 100
# Python refuses to write a longer number as text.
MAX_DIGITS = 4_300


class Reason(StrEnum):
    """Why a text is refused."""

    TOO_LONG = "body_too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    CHARACTER = "character"


class Refused(ValueError):
    """The text is not JSON that we accept; `message` says why, `path` where (a JSON pointer)."""

    def __init__(self, reason: Reason, message: str | Promise, *, path: str = "") -> None:
        self.reason, self.message, self.path = reason, message, path
        super().__init__(message)


def read(body: bytes, *, limit: int) -> Any:  # noqa: ANN401  any JSON value
    """The value of a JSON text in UTF-8 of at most `limit` bytes, which may begin with a byte order mark.

    Every database can keep the value as it is. Raises `Refused`.
    """
    if len(body) > limit:
        raise Refused(Reason.TOO_LONG, _("The body is longer than %d bytes.") % limit)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_json() from error
    value = parse(text)
    for path in _unstorable(value, ""):
        message = _("The body holds a character that cannot be kept (NUL, or half of a surrogate pair).")
        raise Refused(Reason.CHARACTER, message, path=path)
    return value


def parse(text: str, *, drop_huge_numbers: bool = False) -> Any:  # noqa: ANN401  any JSON value
    """The JSON value of `text`; of duplicate keys the last one counts.

    A number that is too large to be one here becomes None with `drop_huge_numbers`, and is refused without.
    Raises `Refused` for what is not JSON, as NaN is not, and for nesting deeper than `MAX_DEPTH`.
    """
    numbers = _DROPPING if drop_huge_numbers else _REFUSING
    try:
        value = json.loads(text, parse_constant=_refuse, **numbers)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _not_json() from error
    # Nearly no text has so many brackets at all; to count them costs a fraction of going through the value.
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_deep(value):
        raise _too_deep()
    return value


def _refuse(text: str) -> float:
    raise ValueError(text)


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= MAX_DIGITS else None


def _only_finite(text: str) -> float:
    number = _finite(text)
    return _refuse(text) if number is None else number


_DROPPING: dict[str, Any] = {"parse_float": _finite, "parse_int": _whole}
_REFUSING: dict[str, Any] = {"parse_float": _only_finite}


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


def _unstorable(value: object, path: str) -> Iterator[str]:
    """The places of values that no database stores. Recursive, since the value is not deep."""
    if isinstance(value, str) and not is_storable(value):
        yield path
    elif isinstance(value, dict):
        for key, child in value.items():
            if not is_storable(key):
                yield path
            yield from _unstorable(child, f"{path}/{key}")
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _unstorable(child, f"{path}/{number}")


def _not_json() -> Refused:
    return Refused(Reason.NOT_JSON, _("The body is not valid JSON in UTF-8."))


def _too_deep() -> Refused:
    return Refused(Reason.TOO_DEEP, _("The body is nested too deeply."))
