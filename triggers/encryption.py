"""Encrypts what must not lie in clear in a table, with keys that lie in no table.

The keys are those of `STRIPEFLOW["SECRET_KEYS"]`: the first one encrypts, and each of them decrypts. Without
any they follow from Django's SECRET_KEY and its fallbacks, so that nothing is ever kept in clear.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from stripeflow.triggers import conf

# An encrypted value begins with this. No value of Stripe's does.
PREFIX = "fernet:"
KEY_BYTES = 32
_PURPOSE = b"stripeflow secrets"


class CannotDecrypt(Exception):
    """None of the keys in the settings fits the value."""


def encrypted(text: str) -> str:
    """`text`, encrypted with the first key."""
    return PREFIX + _all().encrypt(text.encode()).decode()


def is_encrypted(kept: str) -> bool:
    """Whether it is a value that `encrypted` returned."""
    return kept.startswith(PREFIX)


def decrypted(kept: str) -> str:
    """The text of a value that `encrypted` returned. Raises `CannotDecrypt`."""
    try:
        return _all().decrypt(_token(kept)).decode()
    except (InvalidToken, ValueError) as error:
        raise CannotDecrypt from error


def rotated(kept: str) -> str:
    """The same text, encrypted with today's first key; unchanged if it is already. Raises `CannotDecrypt`."""
    first = _first()
    try:
        first.decrypt(_token(kept))
    except InvalidToken:
        return encrypted(decrypted(kept))
    return kept


def fernet_key(text: str) -> bytes:
    """A key of the settings as bytes for Fernet. Raises ValueError for what is not 32 bytes in base64."""
    key = text.strip().rstrip("=").encode("ascii")
    padded = key + b"=" * (-len(key) % 4)
    if len(base64.b64decode(padded, altchars=b"-_", validate=True)) != KEY_BYTES:
        raise ValueError
    return padded


def fingerprint() -> int:
    """A value that changes with the keys, for code that keeps decrypted values in memory."""
    return hash(_keys())


def has_own_keys() -> bool:
    """Whether the project has set keys; else they follow from its SECRET_KEY."""
    return bool(conf.secret_keys())


def _token(kept: str) -> bytes:
    return kept.removeprefix(PREFIX).encode()


def _first() -> Fernet:
    return _fernets(*_keys())[0]


def _all() -> MultiFernet:
    return MultiFernet(_fernets(*_keys()))


def _keys() -> tuple[tuple[str, ...], tuple[str, ...]]:
    fallbacks = getattr(settings, "SECRET_KEY_FALLBACKS", ())
    return tuple(conf.secret_keys()), (str(settings.SECRET_KEY), *map(str, fallbacks))


@lru_cache(maxsize=8)
def _fernets(own: tuple[str, ...], of_django: tuple[str, ...]) -> list[Fernet]:
    return [*(Fernet(fernet_key(key)) for key in own), *(Fernet(_derived(key)) for key in of_django)]


def _derived(secret_key: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(hkdf.derive(secret_key.encode()))
