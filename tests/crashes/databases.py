"""Fixtures: campaigns in a process of their own, on SQLite and PostgreSQL."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
# These processes die, not the machine: a file in memory keeps the short form short.
MEMORY = "/dev/shm"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request):
    if request.param == "postgresql":
        yield _quick(request.getfixturevalue("postgres_cluster"))
        return
    with tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None) as folder:
        yield f"sqlite:///{folder}/stripeflow.sqlite3"


def _quick(cluster):
    """A database whose commits do not wait for the disk."""
    url = cluster.new_database()
    with psycopg.connect(cluster.uri, autocommit=True) as connection:
        name = url.split("?")[0].rsplit("/", 1)[1]
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return url


def run_campaign(module, database_url, *arguments, folder, settings="tests.settings_nomigrations"):
    """The verdict of `python -m module`, which it prints as its last line."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": settings,
        "STRIPEFLOW_VAR_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
