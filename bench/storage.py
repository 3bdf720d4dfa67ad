"""What the database keeps, reads and writes, in bytes: counts, which a busy machine does not change."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

_BLOCK = 8192
_DBSTAT = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
# The file as it is, without its WAL, which is empty by then.
_BY_PYTHONS_OWN = (
    "import json, sqlite3, sys; own = sqlite3.connect(f'file:{sys.argv[1]}?immutable=1', uri=True);"
    "print(json.dumps(own.execute(sys.argv[2]).fetchall()))"
)
_SIZES = {
    "sqlite": _DBSTAT,
    # A table with what it keeps out of its rows.
    "postgresql": (
        "SELECT relname, CASE relkind WHEN 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END"
        " FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
    ),
}


def file_system(folder: Path) -> str:
    """The kind of file system that `folder` is on: `tmpfs` is memory, whose writes cost nothing."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(len(point), kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above)[1]


def database() -> str:
    """Which database is used, and on SQLite with which journal."""
    if connection.vendor != "sqlite":
        return f"PostgreSQL {_rows('SHOW server_version')[0][0]}"
    return f"SQLite {_rows('SELECT sqlite_version()')[0][0]}, {journal()}"


def journal() -> str:
    """SQLite's journal, as its file has it."""
    return str(_rows("PRAGMA journal_mode")[0][0]).upper()


def sizes() -> dict[str, int]:
    """What each table and each index takes."""
    try:
        found = _rows(_SIZES[connection.vendor])
    except OperationalError:
        found = _sizes_by_pythons_own()
    return {name: int(size) for name, size in found}


def _sizes_by_pythons_own() -> list[tuple[Any, ...]]:
    """A SQLite that was built without `dbstat` leaves it to another one, while nobody writes."""
    _rows("PRAGMA wal_checkpoint(TRUNCATE)")
    command = [sys.executable, "-c", _BY_PYTHONS_OWN, str(connection.settings_dict["NAME"]), _DBSTAT]
    return [tuple(row) for row in json.loads(subprocess.run(command, check=True, capture_output=True).stdout)]


def written() -> int:
    """What was written so far: by this process to SQLite's files, or into PostgreSQL's log."""
    if connection.vendor == "sqlite":
        return _of_this_process("wchar")
    return int(_rows("SELECT pg_current_wal_insert_lsn() - '0/0'")[0][0])


def read() -> int:
    """What was read so far because the database's own memory did not hold it."""
    if connection.vendor == "sqlite":
        return _of_this_process("rchar")
    _rows("SELECT pg_stat_force_next_flush()")
    return _BLOCK * int(_rows("SELECT SUM(blks_read) FROM pg_stat_database")[0][0])


def flush() -> None:
    """Bring to the disk what was written, so that nobody else waits for it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
    os.sync()


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _of_this_process(name: str) -> int:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines[name])
