"""The cursors of our statements: on PostgreSQL the server gets the parameters, and may prepare."""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from stripeflow.triggers.sql.switch import is_on


def cursor_here() -> CursorWrapper:
    """A cursor, which on PostgreSQL leaves the parameters to the server if statements are to be prepared.

    Django's usual one puts them into the SQL's text, of which no two are the same.
    """
    if connection.vendor != "postgresql" or not is_on():
        return connection.cursor()
    connection.ensure_connection()
    connected = connection.connection
    if connection.queries_logged or getattr(connected, "prepare_threshold", None) is None:
        return connection.cursor()
    return _binding_on_the_server(connected)


def _binding_on_the_server(connected: Any) -> CursorWrapper:
    """The cursor of Django's `server_side_binding`, for this statement alone."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    usual = connected.cursor_factory
    connected.cursor_factory = ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        connected.cursor_factory = usual
