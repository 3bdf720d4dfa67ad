"""Reads from the SDK's docstrings what its annotations lack: help text, values, times, units."""

from __future__ import annotations

import html
import re

# (Some docstrings of the SDK end inside a link.)
_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\)|$)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"\*(?=\S)(.+?)(?<=\S)\*(?!\w)")
_SPACE = re.compile(r"\s+")

# Words after which a back-ticked value begins the list of this field's values. (In "only one of `a` or
# `b` may be set", and in "examples include: `a`", it does not.)
_MARKER = re.compile(
    r"(?:(?<!only )\bone of(?: the following)?"
    r"|\b(?:possible|permitted|allowed|valid) (?:values|reasons|statuses)\b[^.`:]{0,40}?"
    r"(?:are|include|of are|is)?"
    r"|\b(?:can|must)(?: only)? be|\beither)\s*:?\s*(?=`)",
    re.IGNORECASE,
)
# A bare colon begins a list only if several values follow.
_COLON = re.compile(r"(?<!include):\s*(?=`)")
# Values named apart from the list, once there is one.
_ALSO = re.compile(r"\bhave the value\s*(?=`)")
_VALUE = re.compile(r"`([A-Za-z0-9][A-Za-z0-9_.+ -]*)`(?:\s*\([^()]*\))?")
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:or|and)|,|\bor\b|\band\b)\s*(?=`)")

_TIME = re.compile(r"\b(?:unix|epoch|timestamp)\b", re.IGNORECASE)
_MINOR_UNITS = re.compile(
    r"\bin (?:the )?cents\b|\bcents\b|smallest (?:currency )?unit|minor (?:currency )?unit", re.IGNORECASE
)


def clean(doc: str) -> str:
    """Plain text of a docstring: no Markdown links, emphasis, code marks or HTML, one space between words."""
    text = _LINK.sub(r"\1", doc)
    text = _TAG.sub("", text)
    text = html.unescape(text).replace("`", "")
    text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", text))
    return _SPACE.sub(" ", text).strip()


def values(doc: str) -> tuple[str, ...]:
    """The values that a docstring lists ("One of `a`, `b`, or `c`"), in its order, without repeats."""
    found = _after(_MARKER, doc) or _after(_COLON, doc, at_least=2)
    if found:
        found += _after(_ALSO, doc)
    return tuple(dict.fromkeys(found))


def speaks_of_time(doc: str) -> bool:
    """Whether a docstring calls the value a Unix time."""
    return bool(_TIME.search(doc))


def speaks_of_minor_units(doc: str) -> bool:
    """Whether a docstring says that the value is an amount in a currency's minor units."""
    return bool(_MINOR_UNITS.search(doc))


def _after(marker: re.Pattern[str], doc: str, *, at_least: int = 1) -> list[str]:
    lists = [_sequence(doc, match.end()) for match in marker.finditer(doc)]
    return [value for one in lists if len(one) >= at_least for value in one]


def _sequence(doc: str, position: int) -> list[str]:
    found = []
    while match := _VALUE.match(doc, position):
        found.append(match.group(1))
        separator = _SEPARATOR.match(doc, match.end())
        if not separator:
            break
        position = separator.end()
    return found
