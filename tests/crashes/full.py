"""A SQLite database that is full, or read-only, for a while. Both are settings of the connection."""

from contextlib import contextmanager

from django.db import connection


def _pragma(text):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {text}")
        return cursor.fetchone()


@contextmanager
def room_for(pages):
    """Within it the database can grow by so many pages, and no further."""
    connection.ensure_connection()
    # What earlier tests have deleted is room, too.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    size = _pragma("page_count")[0]
    before = _pragma("max_page_count")[0]
    _pragma(f"max_page_count = {size + pages}")
    try:
        yield
    finally:
        _pragma(f"max_page_count = {before}")


@contextmanager
def read_only():
    """Within it nothing can be written."""
    connection.ensure_connection()
    _pragma("query_only = ON")
    try:
        yield
    finally:
        _pragma("query_only = OFF")
