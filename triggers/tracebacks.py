"""Tracebacks that show where an exception came from, but no value that it quotes.

The message of an exception may hold values: `KeyError: 'jane@example.com'`. More people read a log than may
see payloads, so it gets the kind of the exception and each line of code, and a message only if it is about
the machine.
"""

import traceback
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

# Their messages are about servers, files and settings.
_TELLS_NO_VALUES = (OperationalError, InterfaceError, ImproperlyConfigured, ImportError, NameError)
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_MOST = 20


def without_values(error: BaseException) -> str:
    """The traceback of `error`, and of those that led to it, without values in their messages."""
    return "\n\n".join(_parts(error, left=_MOST))


def _parts(error: BaseException, *, left: int) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and left:
        yield from _parts(before, left=left - 1)
        yield _CAUSE if error.__cause__ else _CONTEXT
    lines = traceback.format_list(traceback.extract_tb(error.__traceback__))
    yield "".join(["Traceback (most recent call last):\n", *lines, _named(error)])


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    words = _words(error)
    return f"{name}: {words}" if words else name


def _words(error: BaseException) -> str:
    if isinstance(error, _TELLS_NO_VALUES):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"[Errno {error.errno}] {error.strerror}"
    # A sentence of ours with a version without values: see `stripeflow.actions.wording`.
    return str(getattr(error.args[0], "public", "")) if error.args else ""
