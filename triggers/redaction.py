"""The redaction of secrets, for every place that stores, logs or prints messages of foreign code.

It knows secrets by their form (Stripe's keys, signing secrets, our API tokens, `Bearer …`, passwords in
addresses), and those of the settings and the environment word for word, however they are quoted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from stripeflow.triggers import tracebacks
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.known_secrets import SHORTEST, configured, encodings, spellings

P = ParamSpec("P")
R = TypeVar("R")

HIDDEN = "…"

# A pattern is applied only to a text with its mark, since log lines are many and secrets few.
_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # Stripe's secret, restricted and ephemeral keys, signing secrets, and our own API tokens.
    ("_", re.compile(r"(?<![A-Za-z0-9])(sk|rk|ek|whsec|sflow)_[A-Za-z0-9_*+/=-]+"), rf"\1_{HIDDEN}"),
    (" ", re.compile(r"\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=*-]{6,}", re.IGNORECASE), rf"\1\2{HIDDEN}"),
    # postgres://user:password@host, and then the same with an unescaped password.
    ("://", re.compile(r"(://[^\s:/@'\"]*):[^\s/'\"]+@(?=[^\s@]*)"), rf"\1:{HIDDEN}@"),
    ("://", re.compile(r"(://[^\s:/@'\"]*):(?!\d{1,5}[/?#])[^\s]+@(?=[^\s@]*)"), rf"\1:{HIDDEN}@"),
    # As PostgreSQL's and other clients write them: password=…, 'password': '…'.
    (
        "",
        re.compile(r"(\b(?:password|passwd|pwd)['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s,;&)}]+)", re.I),
        rf"\1{HIDDEN}",
    ),
)
# The values that only this thread uses, such as the secrets of the running step.
_of_here: ContextVar[frozenset[str]] = ContextVar("_of_here", default=frozenset())


def redacted(text: str) -> str:
    """`text` with “…” in the place of each secret in it."""
    if len(text) < SHORTEST:
        return text
    for secrets in (configured(), _of_here.get()):
        if secrets:
            text = _verbatim(secrets).sub(HIDDEN, text)
    for mark, pattern, replacement in _PATTERNS:
        if mark in text:
            text = pattern.sub(replacement, text)
    return text


def redacted_values(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """A JSON value with each text in it redacted, names too."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {redacted(str(name)): redacted_values(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_values(item) for item in value]
    return value


def hidden_here(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """A JSON value without the values that this thread uses, and otherwise unchanged: see `hiding`."""
    secrets = _of_here.get()
    if not secrets:
        return value
    if isinstance(value, str):
        return _verbatim(secrets).sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {hidden_here(name): hidden_here(item) for name, item in value.items()}
    return [hidden_here(item) for item in value] if isinstance(value, list) else value


def failure(error: BaseException, *, most: int) -> str:
    """The kind and message of a foreign exception for a row, redacted and cut to so many characters."""
    return redacted(sanitize(f"{type(error).__name__}: {error}"))[:most]


@contextmanager
def hiding(values: Iterable[str]) -> Iterator[None]:
    """Within it, this thread's redaction hides these `values` too."""
    kept = frozenset(values)
    token = _of_here.set(_of_here.get() | spellings(kept) | encodings(kept))
    try:
        yield
    finally:
        _of_here.reset(token)


class TaskFailed(Exception):
    """A task failed with an exception whose message is dropped; this message is its redacted traceback."""


def redacting(task: Callable[P, R]) -> Callable[P, R]:
    """Remove secrets and values from what `task` raises, since the queue stores and logs its traceback."""

    @wraps(task)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return task(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, its message is dropped
            failed = TaskFailed(redacted(tracebacks.without_values(error)))
        raise failed

    return call


@lru_cache(maxsize=64)
def _verbatim(secrets: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(secrets, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))
