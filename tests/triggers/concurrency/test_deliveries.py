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
    def run(mode, *arguments):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
            "STRIPEFLOW_VAR_DIR": str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.triggers.concurrency.deliver", mode, *arguments],
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


def test_what_comes_meanwhile_is_stored_together(deliver):
    result = deliver("together", "evt_a", "evt_b", "evt_c", "evt_d")
    assert set(result["statuses"].values()) == {200}
    assert result["stored"] == ["evt_a", "evt_b", "evt_c", "evt_d", "evt_held"]
    assert result["together"] == [4]
    # That of the one which came first, and one for all others.
    assert result["transactions"] in (None, 2)


def test_in_a_batch_each_event_answers_for_itself(deliver):
    result = deliver("together", "evt_a", "evt_b", "evt_b", "evt_failing", "evt_held")
    assert set(result["statuses"].values()) == {200}
    assert result["stored"] == ["evt_a", "evt_b", "evt_failing", "evt_held"]
    assert result["duplicates"] == 2
    assert result["unmatched"] == ["evt_failing"]
    assert result["together"] == [3]


def test_a_row_that_is_refused_takes_none_of_its_batch_with_it(deliver):
    result = deliver("together", "evt_a", "evt_bad", "evt_c")
    assert result["statuses"] == {"evt_held": 200, "evt_a": 200, "evt_bad": 500, "evt_c": 200}
    assert result["stored"] == ["evt_a", "evt_c", "evt_held"]
    assert result["unmatched"] == []
