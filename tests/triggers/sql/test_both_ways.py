"""The statements that are compiled once write what Django writes by itself, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'both.sqlite3'}"
    return request.getfixturevalue("postgres_url")


def test_both_ways_write_the_same_rows(database, tmp_path):
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
        "STRIPEFLOW_VAR_DIR": str(tmp_path),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.triggers.sql.both_ways"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]
    compiled, plain = json.loads(done.stdout.splitlines()[-1])
    assert compiled == plain
    assert [len(rows) for rows in compiled.values()] == [1, 2, 4]
