"""What a text says: a number, a moment, yes or no. A text that says none is of the wrong type."""

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal


class WrongType(Exception):
    """A JSON value is not one of the type that its field has."""


_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)
# Shorter ones may be a date without its hyphens, longer ones count milliseconds.
_SECONDS = re.compile(r"[0-9]{9,11}", re.ASCII)
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def number_in(text: str) -> Decimal:
    """The number in a text such as "1200", " -12.5" or "１２００"; a text of anything else is none."""
    text = _plain(text)
    if not _NUMBER.fullmatch(text):
        raise WrongType
    return Decimal(text)


def date_in(text: str) -> float:
    """Unix seconds of an ISO 8601 date, with or without time, or of a text of Unix seconds.

    A date alone is its midnight, and what names no time zone is in UTC.
    """
    text = _plain(text)
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise WrongType from error
    return int(seconds) if seconds.is_integer() else seconds


def truth_in(text: str) -> bool:
    """Yes for true, yes, on and 1, no for false, no, off and 0; in any case."""
    word = _plain(text).lower()
    if word not in _YES | _NO:
        raise WrongType
    return word in _YES


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
