"""The secrets of the settings and the environment, in every spelling that a text may use."""

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import quote, quote_plus, unquote, urlsplit

from django.conf import settings
from django.core.signals import setting_changed

# A shorter value is no secret, and hiding it would break ordinary words.
SHORTEST = 6
# What may surround a value where it was written, and be missing where it is shown.
_AROUND = " \t\r\n'\""

_TELLING = re.compile(r"SECRET|TOKEN|PASSW(?:ORD)?|_PWD|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
_ADDRESSES = re.compile(r"URL|URI|DSN|LOCATION|BROKER|REDIS", re.IGNORECASE)
# Django's own settings with such names: they hold classes, but for the one that is read separately.
_OTHERS = frozenset({"PASSWORD_HASHERS", "AUTH_PASSWORD_VALIDATORS", "DATABASES", "AXES_PASSWORD_FORM_FIELD"})


@cache
def configured() -> frozenset[str]:
    """Each secret of the settings and the environment, in all its spellings."""
    return spellings([*_of_settings(), *_of_environment()])


def forget(**kwargs: object) -> None:
    """Read the settings and the environment again next time. For tests."""
    configured.cache_clear()


def _of_settings() -> Iterator[str]:
    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        return
    for name in dir(settings):
        if name.isupper() and name not in _OTHERS:
            yield from _secrets_in(name, getattr(settings, name))
    for database in getattr(settings, "DATABASES", {}).values():
        yield str(database.get("PASSWORD") or "")


def _of_environment() -> Iterator[str]:
    for name, value in os.environ.items():
        yield from _secrets_in(name, value)


def _secrets_in(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        # A setting may hold a field's name, such as “password”.
        if _TELLING.search(name) and not (value.isidentifier() and _TELLING.fullmatch(value)):
            yield value
        if "://" in value and _ADDRESSES.search(name):
            yield from _password_of(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            # In a dictionary each key says what its value is; in a plain list only the setting's name does.
            yield from _secrets_in(str(key), item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(name, item)


def _password_of(address: str) -> Iterator[str]:
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        return
    yield password
    yield unquote(password)


def core(value: str) -> str:
    """A secret without blanks and quotes around it; `redaction` finds it if this is long enough."""
    return value.strip(_AROUND)


def spellings(values: Iterable[str]) -> frozenset[str]:
    """Each value as it may stand in a text: as it is, without blanks and quotes around it, and escaped."""
    found = set()
    for value in values:
        for text in (value, value.strip(), core(value)):
            found |= {text, repr(text)[1:-1], json.dumps(text)[1:-1], quote(text, safe="")}
    return frozenset(text for text in found if len(text) >= SHORTEST)


def encodings(values: Iterable[str]) -> frozenset[str]:
    """Each value as others may encode it: for an address, for a form, in Base64 wherever it begins, in hex.

    What is received, such as an answer that repeats its request, may hold any of them.
    """
    found = set()
    for value in values:
        data = value.encode("utf-8", "surrogatepass")
        found |= {quote(value, safe="/"), quote_plus(value), data.hex(), data.hex().upper()}
        found |= {one.lower() for one in {quote(value, safe=""), quote_plus(value)} if "%" in one}
        for before in range(3):
            # So many bytes of something else may stand before it, and any after it.
            whole = base64.b64encode(bytes(before) + data).decode().rstrip("=")
            inner = whole[(0, 2, 3)[before] : len(whole) if (before + len(data)) % 3 == 0 else -1]
            found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(text for text in found if len(text) >= SHORTEST)


def _forget_what_changed(setting: str = "", value: object = None, **kwargs: object) -> None:
    """Few settings that a test changes can hold a secret. One that is gone is hidden all the same."""
    if not isinstance(value, str) or _TELLING.search(setting) or "://" in value:
        forget()


setting_changed.connect(_forget_what_changed)
