"""The benchmarks measure what they say: counts of rows and effects, never speeds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stripeflow.triggers import current_sqlite

ROOT = Path(__file__).resolve().parent.parent.parent


def bench(*arguments, folder):
    """Run `python -m bench` on SQLite in its quick form; returns its exit code, output and results."""
    out = folder / "bench.json"
    command = [sys.executable, "-m", "bench", *arguments, "--quick", "--stack", "sqlite", "--seed", "1"]
    # The settings of the test run must not reach the benchmark's own processes.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert "FAILED" not in done.stdout, done.stderr
    return done.returncode, done.stdout, json.loads(out.read_text())


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return bench("acknowledge", "growth", "matching", folder=tmp_path_factory.mktemp("bench"))


def test_every_count_is_as_expected(quick):
    _code, _output, results = quick
    checked = results["stacks"]["sqlite"]["checked"]
    assert [row for row in checked if row["count"] != row["expected"]] == []
    for who in ("bare BareEvent", "ours Run", "ours with 1 × 4 threads Run", "stock Event"):
        assert {"what": f"acknowledge: {who}", "count": 16, "expected": 16} in checked
    for what, count in (("Run rows", 101), ("new events, ours", 16), ("new events, bare", 0)):
        assert {"what": f"acknowledge as rows grow: {what}", "count": count, "expected": count} in checked
    assert {"what": "growth: Run rows", "count": 1001, "expected": 1001} in checked
    assert {"what": "growth: statements that read a whole table", "count": 0, "expected": 0} in checked


def test_the_last_line_and_the_exit_code_say_whether_the_aims_are_met(quick):
    code, output, results = quick
    aims = [row for row in results["stacks"]["sqlite"]["figures"] if row["least"] or row["most"]]
    missed = [row for row in aims if not row["is_met"]]
    assert len(aims) == 6
    assert output.splitlines()[-1].startswith("MISSED" if missed else "MET")
    assert code == (1 if missed else 0)


def test_it_says_its_seed(quick):
    _code, output, results = quick
    assert output.startswith("seed 1,")
    assert results["seed"] == 1


def test_the_statements_of_an_event_and_of_a_sweep_do_not_grow(quick):
    """The number itself is asserted, so that whoever adds a statement knows it."""
    _code, _output, results = quick
    figures = {row["name"]: row["value"] for row in results["stacks"]["sqlite"]["figures"]}
    found = {name.split(",")[0]: value for name, value in figures.items() if name.startswith("statements")}
    # One of them asks whether any run may wait for an event of this type.
    assert found["statements for an event and its run"] <= 14


def test_slow_calls_are_made_over_a_network_and_each_once(tmp_path):
    _code, _output, results = bench("slow", folder=tmp_path)
    found = results["stacks"]["sqlite"]
    assert [row for row in found["checked"] if row["count"] != row["expected"]] == []
    effects = [row["count"] for row in found["checked"] if row["what"] == "slow: different effects"]
    # Backlogs and webhooks at two latencies, one at a time, Stripe's door; two calls and a branch, twice.
    assert sorted(effects) == [4, 8, 8, 8, 8, 8, 16, 16]
    aims = {row["name"] for row in found["figures"] if row["least"]}
    assert aims == {"backlog, 300 ms / 32 places", "webhooks, 300 ms / 32 places"}
    # A call takes its time, whatever calls it.
    rates = {row["name"]: row["value"] for row in found["figures"]}
    assert rates["bare loop, 300 ms, runs"] < 8 / 0.3


def test_the_memory_of_each_process_is_reported_by_its_name(tmp_path):
    _code, _output, results = bench("memory", folder=tmp_path)
    found = results["stacks"]["sqlite"]
    assert {"what": "memory: runs in flight", "count": 32, "expected": 32} in found["checked"]
    megabytes = {row["name"]: row["value"] for row in found["figures"]}
    each = {name: value for name, value in megabytes.items() if name.endswith(", after use: PSS")}
    together = {name for name in each if name.startswith("one command: ")}
    used = "web and worker, idle, admin and API used: PSS"
    assert [len(each) - len(together), len(together)] == [8, 9]
    assert sum(each[name] for name in each.keys() - together) == pytest.approx(megabytes[used])
    assert sum(each[name] for name in together) == pytest.approx(megabytes[f"one command: {used}"])
    assert [row["name"] for row in found["figures"] if row["most"] == 280] == [f"one command: {used}"]


def test_the_pages_are_asked_of_as_many_runs_as_it_says(tmp_path):
    _code, _output, results = bench("pages", folder=tmp_path)
    found = results["stacks"]["sqlite"]
    assert {"what": "pages: runs", "count": 100, "expected": 100} in found["checked"]
    assert {"what": "pages: steps of the workflow", "count": 50, "expected": 50} in found["checked"]
    assert {row["most"] for row in found["figures"]} == {300.0}


def test_what_the_database_takes_is_counted_by_table_and_index(quick):
    _code, _output, results = quick
    figures = {row["name"]: row["value"] for row in results["stacks"]["sqlite"]["figures"]}
    size = "size per event and run: "
    parts = {name.removeprefix(size): value for name, value in figures.items() if name.startswith(size)}
    assert "stripeflow_triggers_event" in parts
    assert parts.pop("the database") == pytest.approx(sum(parts.values()))
    assert figures["written at 1000 rows, event and run"] > 0


def test_the_library_and_the_journal_are_reported(quick):
    _code, _output, results = quick
    library, journal = results["stacks"]["sqlite"]["database"].split(", ")
    assert library == "SQLite " + ".".join(map(str, current_sqlite.version()))
    assert journal == current_sqlite.journal(os.environ.get("SQLITE_JOURNAL", ""))


def test_both_journals_are_measured_where_both_are_safe(tmp_path):
    _code, _output, results = bench("journal", folder=tmp_path)
    found = results["stacks"]["sqlite"]
    assert [row for row in found["checked"] if row["count"] != row["expected"]] == []
    used = [row["what"] for row in found["checked"] if row["what"].endswith("is used")]
    ratios = [row["name"] for row in found["figures"] if row["unit"] == "×"]
    is_safe = current_sqlite.version() >= current_sqlite.FIRST_SAFE_WAL
    assert sorted(used) == (["journal: DELETE is used", "journal: WAL is used"] if is_safe else [])
    assert len(ratios) == (6 if is_safe else 0)
