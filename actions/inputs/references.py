"""What a dynamic reference looks like from outside. `workflows` parses and resolves them."""

import re
from collections.abc import Iterator

_QUOTED = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_ANY = re.compile(rf"\{{\{{(?:{_QUOTED}|[^{{}}\"'])*\}}\}}", re.DOTALL)
_SINGLE = re.compile(rf"\s*\{{\{{(?:{_QUOTED}|[^{{}}\"'])*\}}\}}\s*", re.DOTALL)


def without_references(text: str) -> str:
    """Return the literal part of a text, without its dynamic references."""
    return _ANY.sub("", text)


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a text in their order: whether each is a dynamic reference, and what it says."""
    end = 0
    for found in _ANY.finditer(text):
        if found.start() > end:
            yield False, text[end : found.start()]
        yield True, found[0]
        end = found.end()
    if end < len(text):
        yield False, text[end:]


def holds_reference(text: object) -> bool:
    """Return whether a raw value is a text with a dynamic reference in it."""
    return isinstance(text, str) and "{{" in text


def is_single_reference(text: object) -> bool:
    """Return whether a raw value is exactly one dynamic reference, which keeps its value's type."""
    return isinstance(text, str) and _SINGLE.fullmatch(text) is not None


def split_at_references(text: str) -> list[str]:
    """Return the literal parts of a text: before, between and behind its dynamic references."""
    return _ANY.split(text)
