"""The same events, delivered and swept by many threads at once, on real databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EVERY_EVENT_ONCE = [f"evt_{number}" for number in range(5)]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'events.sqlite3'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def deliver(database_url, tmp_path):
    def run(mode):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
            "STRIPEFLOW_VAR_DIR": str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.triggers.concurrency.deliver", mode],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_many_copies_at_once_make_one_row_and_one_run_of_the_handler(deliver):
    result = deliver("handling")
    assert result["statuses"] == {"200": 60}
    assert result["events"] == 5
    assert result["handled"] == EVERY_EVENT_ONCE


def test_many_sweeps_at_once_match_each_failed_event_once(deliver):
    result = deliver("failing")
    assert result["statuses"] == {"200": 60}
    assert (result["unmatched_before_sweep"], result["unmatched"]) == (5, 0)
    assert result["handled"] == EVERY_EVENT_ONCE


def test_hostile_bodies_leave_no_row_and_strange_ones_are_kept(deliver):
    result = deliver("hostile")
    assert set(result["refused"]) == {"400"}
    assert result["rows"] == 0
    assert set(result["taken"]) == {"200"}
    assert result["kept"] is True
