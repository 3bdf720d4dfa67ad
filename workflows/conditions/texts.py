"""How texts are compared: in Unicode's normal form, so that one letter is itself however it is written."""

import unicodedata
from typing import Any


def composed(value: Any) -> Any:
    """A text in normal form C; anything else as it is."""
    if not isinstance(value, str) or value.isascii():
        return value
    return unicodedata.normalize("NFC", value)


def folded(value: Any) -> Any:
    """A text without its case, by Unicode's full case folding; anything else as it is."""
    if not isinstance(value, str):
        return value
    if value.isascii():
        return value.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", value).casefold())


def trimmed(value: Any) -> Any:
    """A text without its outer spaces; anything else as it is."""
    return value.strip() if isinstance(value, str) else value
