"""What the SDK's docstrings tell beyond its annotations: clean help text, values, times, units."""

from __future__ import annotations

import html
import re

_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_EMPHASIS = re.compile(r"(\*\*|__|\*)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_SPACE = re.compile(r"\s+")

# "one of" is a list of this field's values only when a back-ticked value follows at once.
_MARKER = re.compile(
    r"(?<!only )(?:\bone of(?: the following)?|\b(?:possible|permitted|allowed|valid) values\b[^.`:]{0,40}?"
    r"(?: are| include| of are| is)?|\bcan be(?: either)?)\s*:?\s*(?=`)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"`([A-Za-z0-9][A-Za-z0-9_.+-]*)`(?:\s*\([^()]*\))?")
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
    text = _EMPHASIS.sub(r"\2", text)
    return _SPACE.sub(" ", text).strip()


def values(doc: str) -> tuple[str, ...]:
    """The values that a docstring lists ("One of `a`, `b`, or `c`"), in its order, without repeats."""
    found: dict[str, None] = {}
    for marker in _MARKER.finditer(doc):
        found.update(dict.fromkeys(_sequence(doc, marker.end())))
    return tuple(found)


def speaks_of_time(doc: str) -> bool:
    """Whether a docstring calls the value a Unix time."""
    return bool(_TIME.search(doc))


def speaks_of_minor_units(doc: str) -> bool:
    """Whether a docstring says that the value is an amount in a currency's minor units."""
    return bool(_MINOR_UNITS.search(doc))


def _sequence(doc: str, position: int) -> list[str]:
    found = []
    while match := _VALUE.match(doc, position):
        found.append(match.group(1))
        separator = _SEPARATOR.match(doc, match.end())
        if not separator:
            break
        position = separator.end()
    return found
