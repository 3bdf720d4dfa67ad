"""On PostgreSQL the fixed statements are prepared, and only those, if the database's settings say so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("threshold", "prepared"), [("5", ["INSERT", "SELECT", "UPDATE"]), ("", [])], ids=["on", "off"]
)
def test_what_the_server_has_prepared(postgres_url, tmp_path, threshold, prepared):
    environment = {
        **os.environ,
        "DATABASE_URL": postgres_url,
        "PREPARE_THRESHOLD": threshold,
        "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
        "STRIPEFLOW_VAR_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "tests.triggers.sql.prepared"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]
    assert json.loads(done.stdout.splitlines()[-1]) == prepared
