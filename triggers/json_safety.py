"""Makes a JSON value fit every database, and formats one for people."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

# PostgreSQL's jsonb refuses NUL, and text that cannot be encoded as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def sanitize(value: Any) -> Any:  # noqa: ANN401  any JSON value, and the like of it back
    """Return a copy of the JSON `value` that every database accepts.

    NUL characters and lone surrogates, in strings and in keys, become U+FFFD; NaN and the
    infinities become None. Nothing is cut off. Tuples become lists, and keys become text.
    """
    if isinstance(value, str):
        return _storable(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict | Mapping):  # checking for a dict is fast, for another mapping slow
        return {_storable(str(key)): sanitize(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [sanitize(item) for item in value]
    return value


def readable(value: Any) -> str:  # noqa: ANN401  as above
    """The JSON `value`, indented, for people: characters that cannot be seen are escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if text.isascii():  # JSON escapes all controls among these
        return text
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def is_storable(text: str) -> bool:
    """Whether every database stores the text unchanged."""
    return _UNSTORABLE.search(text) is None


def _storable(text: str) -> str:
    # Nearly every text is plain; this check costs a fraction of one for each character.
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub(_REPLACEMENT, text)
