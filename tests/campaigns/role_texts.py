"""Values as addresses and bodies carry them, and bodies that are none."""

import json
import random
from typing import Any
from urllib.parse import quote, urlencode


def text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)[:2_000]


def quoted(value: Any) -> str:
    """As a part of an address."""
    return quote(text(value)[:300], safe="", errors="surrogatepass")


def encoded(pairs: list[tuple[str, str]]) -> str:
    """As the question of an address, and as a form is sent."""
    return urlencode(pairs, errors="surrogatepass")


def broken(rng: random.Random) -> bytes:
    """A body that is neither JSON nor a form."""
    return rng.choice(
        (b"", b"{", b"[]", b"null", b'{"a":' * 500, b"\xff\x00", b"1e999", b'"\\ud800"', rng.randbytes(64))
    )
