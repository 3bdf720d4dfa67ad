"""How much CPU this process has used, with the database that works for it."""

import time
from pathlib import Path

from django.db import connection


def seconds() -> float:
    """The CPU seconds of this process, and of the process of the database that serves it."""
    return time.process_time() + _database()


def _database() -> float:
    if connection.vendor != "postgresql":
        return 0.0  # SQLite is in our process
    server = connection.connection.info.backend_pid
    return int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9
