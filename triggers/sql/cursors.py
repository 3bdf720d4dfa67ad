"""The cursors of our statements: on PostgreSQL the server is given the parameters, and may prepare."""

import re
import threading
from functools import lru_cache
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper


class _KeptCursor(CursorWrapper):
    """A cursor of psycopg that serves one statement after the other.

    It wants `$1` in place of `%s`, and so need not search each statement for it.
    """

    def __exit__(self, *_raised: object) -> None:
        """Leave it open."""

    def _execute(self, sql: str, params: Any, *ignored: Any) -> Any:
        return super()._execute(_numbered(sql), params, *ignored)  # type: ignore[misc]  # Django's own, unlisted


_kept = threading.local()


def cursor_here() -> CursorWrapper:
    """A cursor, which on PostgreSQL leaves the parameters to the server if statements are to be prepared.

    Django's own puts them into the SQL's text, of which no two are the same. It is kept for this thread's
    connection, since a new one costs as much as a small statement. One of SQLite is not: if it is left
    before all rows are read, the database stays locked until it is closed.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    connected = connection.connection
    if connection.queries_logged or getattr(connected, "prepare_threshold", None) is None:
        return connection.cursor()
    if getattr(_kept, "connected", None) is not connected:
        _kept.cursor, _kept.connected = _numbered_cursor(connected), connected
    return _KeptCursor(_kept.cursor, connections[DEFAULT_DB_ALIAS])


def _numbered_cursor(connected: Any) -> Any:
    """A cursor of psycopg as Django makes them, with its adapters and time zone."""
    from psycopg import RawCursor

    usual = connected.cursor_factory
    connected.cursor_factory = RawCursor
    try:
        return connection.cursor().cursor
    finally:
        connected.cursor_factory = usual


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    numbers = count(1)
    return re.sub("%[%s]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)
