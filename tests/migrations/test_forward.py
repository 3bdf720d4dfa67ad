"""Migrations are only added to: an installation of the first state comes to today's with all its rows."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from stripeflow_site.local.installation import INHERITED, ROOT
from tests.postgres import postgres_cluster, postgres_url  # noqa: F401 - fixtures

# The migrations that installations have run. Changing one breaks their upgrade: add another one.
RELEASED = {
    "actions/migrations/0001_initial.py": "dc6d00685ee9ce5739a0ad506e8153e74ffdc1f94592f6d2f3c827c15ba48463",
    "triggers/migrations/0001_initial.py": "996d8b8200539a08614a5e72d1b95c9e59092a485a77e18431428f96fe019cc6",
    "workflows/migrations/0001_initial.py": "1b1782cca83f21b9173fc201b57b61004e7f8b0d8ad550311dc2110668c1abd9",
}
RECORDED = {
    "stripeflow_triggers.event",
    "stripeflow_workflows.activation",
    "stripeflow_workflows.reservation",
    "stripeflow_workflows.run",
    "stripeflow_workflows.step",
    "stripeflow_workflows.steprun",
    "stripeflow_workflows.workflow",
    "stripeflow_workflows.workflowversion",
}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite3'}"
    return request.getfixturevalue("postgres_url")


def test_database_of_the_first_state_migrates_with_every_row(database_url, tmp_path):
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"STRIPEFLOW_ENV_FILE": "", "STRIPEFLOW_VAR_DIR": str(tmp_path), "DATABASE_URL": database_url}
    done = subprocess.run(
        [sys.executable, "-m", "tests.migrations.forward"],
        cwd=ROOT,
        env={**inherited, **own},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout.splitlines()[-1])
    assert counted["after"] == counted["before"]
    assert counted["before"].keys() >= RECORDED
    guarded = {"update": True, "delete": True, "pruned": 1, "delete newer": True, "left": 2}
    assert counted["guard"] == guarded
    # Older than scopes, they keep what they could do.
    assert counted["tokens"] == [["read run edit publish customers money", "valid"]]
    assert counted["plans"] == counted["before"]["stripeflow_workflows.workflowversion"]
    assert counted["versions"] == {"typed": True, "same": True}
    assert counted["bodies"] == {"as recorded": True, "written again": True, "same": True}


@pytest.mark.parametrize("name", RELEASED)
def test_released_migration_is_as_installations_have_run_it(name):
    assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == RELEASED[name]
