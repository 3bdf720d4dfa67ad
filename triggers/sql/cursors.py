"""The cursors of our statements: on PostgreSQL the server gets the parameters, and may prepare."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from stripeflow.triggers.sql.switch import is_on


def cursor_here() -> CursorWrapper:
    """A cursor, which on PostgreSQL leaves the parameters to the server if statements are to be prepared.

    Django's usual one puts them into the SQL's text, of which no two are the same.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` does so each time
    if wrapper.vendor != "postgresql" or not is_on():
        return wrapper.cursor()
    wrapper.ensure_connection()
    if wrapper.queries_logged or getattr(wrapper.connection, "prepare_threshold", None) is None:
        return wrapper.cursor()
    return _binding_on_the_server(wrapper)


def _binding_on_the_server(wrapper: BaseDatabaseWrapper) -> CursorWrapper:
    """The cursor of Django's `server_side_binding`, for this statement alone."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    connected: Any = wrapper.connection
    usual = connected.cursor_factory
    connected.cursor_factory = ServerBindingCursor
    try:
        return wrapper.cursor()
    finally:
        connected.cursor_factory = usual
