"""Paths: the way from a scope to one value, such as `trigger.lines.data.0.amount`."""

import re

# A key of an object, or the number of an item of a list, counted from 0.
Path = tuple[str | int, ...]

# What a reference may start with; a scope is a dictionary with (some of) these keys.
ROOTS = ("trigger", "event", "steps", "item", "input", "canceled_by")

MAX_SEGMENTS = 50

WORD = r"[\w-]+"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_WORD = re.compile(WORD)


def segment(word: str) -> str | int:
    """Read an unquoted part of a path: digits without a leading zero are the number of an item."""
    return int(word) if _INDEX.fullmatch(word) else word


def format_path(path: Path) -> str:
    """Write a path as a person would: dots between plain words, `["…"]` around anything else."""
    if not path:
        return ""
    first, *rest = path
    return str(first) + "".join(_written(part) for part in rest)


def quote(text: str) -> str:
    """Write a text between double quotes, as `parsing` reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(part: str | int) -> str:
    if isinstance(part, int):
        return f".{part}"
    plain = _WORD.fullmatch(part) and not _INDEX.fullmatch(part)
    return f".{part}" if plain else f"[{quote(part)}]"
