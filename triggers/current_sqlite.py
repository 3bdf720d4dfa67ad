"""For a project's settings module: a newer SQLite than Python's own, and the journal that suits it.

Imports nothing of Django.
"""

import sqlite3
import sys
from importlib import import_module

# Older ones may damage a database in WAL mode: two connections that write, or checkpoint, at the same moment.
FIRST_SAFE_WAL = (3, 51, 3)


def use_newer() -> None:
    """Have `import sqlite3` give `pysqlite3`, where that brings a newer SQLite.

    Call it before anything opens a database: Django takes its driver when the backend is imported.
    """
    try:
        other = import_module("pysqlite3")
        driver = import_module("pysqlite3.dbapi2")
    except ImportError:
        return
    if other.sqlite_version_info > sqlite3.sqlite_version_info:
        sys.modules["sqlite3"] = other
        sys.modules["sqlite3.dbapi2"] = driver


def version() -> tuple[int, ...]:
    """The version of the SQLite that Django's connections use."""
    used: tuple[int, ...] = import_module("sqlite3").sqlite_version_info
    return used


def journal(wanted: str = "") -> str:
    """The journal mode: the one that is wanted, or else WAL where it is safe, and DELETE elsewhere."""
    return wanted.upper() or ("WAL" if version() >= FIRST_SAFE_WAL else "DELETE")
