"""16 calls and more are under way in a real cluster when all of its processes are asked to end, or killed."""

from collections import Counter

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

AT_ONCE = 16
RUNS = 30


@pytest.fixture(scope="module")
def found(database_url, tmp_path_factory):  # noqa: F811
    folder, settings = tmp_path_factory.mktemp("in_flight"), "tests.crashes.held.settings"
    return run_campaign("tests.crashes.in_flight", database_url, folder=folder, settings=settings)


def runs_of(rows, number):
    """The policies and states of the runs that were there when the cluster was to end, by their ids."""
    found = [row for row in rows["runs"] if f"_{number}_" in row["event__external_id"]]
    return {row["id"]: (row["workflow__name"], row["status"]) for row in found}


def calls_of(rows, runs, what="begun"):
    """How often each step of these runs was called."""
    return Counter(
        (call["run"], call["step"]) for call in rows["calls"] if call["what"] == what and call["run"] in runs
    )


def steps_of(rows, runs):
    return {(row["run_id"], row["path"]): row["status"] for row in rows["steps"] if row["run_id"] in runs}


def test_a_cluster_that_is_asked_to_end_records_each_call_under_way_and_begins_no_other(found):
    left = found["asked"]
    runs = runs_of(left, "SIGTERM")
    begun = calls_of(left, runs)
    assert len(begun) >= AT_ONCE
    assert {step for _run, step in begun} == {"hold"}
    assert begun == calls_of(left, runs, "ended")
    assert steps_of(left, runs) == dict.fromkeys(begun, "succeeded")
    assert "running" not in {status for _policy, status in runs.values()}


def test_after_it_was_asked_the_next_cluster_makes_every_other_call_once(found):
    end = found["after asking"]
    runs = runs_of(end, "SIGTERM")
    assert Counter(status for _policy, status in runs.values()) == {"succeeded": RUNS}
    assert calls_of(end, runs) == {(run, step): 1 for run in runs for step in ("hold", "next")}


def test_killed_processes_leave_calls_without_an_outcome(found):
    left = found["killed"]
    runs = runs_of(left, "SIGKILL")
    begun = calls_of(left, runs)
    assert len(begun) >= AT_ONCE
    assert {runs[run][0] for run, _step in begun} == {"ask", "keyed", "safe"}
    assert not calls_of(left, runs, "ended")
    assert {steps_of(left, runs)[call] for call in begun} == {"started"}


def cut_off_by_the_kill(found):
    """The runs whose intent was written: their call may have been made, whether it was or not."""
    steps = steps_of(found["killed"], runs_of(found["killed"], "SIGKILL"))
    return {run for (run, _path), status in steps.items() if status == "started"}


def test_after_the_kill_each_run_ends_as_its_repeat_policy_says(found):
    cut_off = cut_off_by_the_kill(found)
    end = found["after killing"]
    runs = runs_of(end, "SIGKILL")
    assert len(runs) == RUNS
    for run, (policy, status) in runs.items():
        is_unknown = policy == "ask" and run in cut_off
        assert status == ("outcome_unknown" if is_unknown else "succeeded"), policy
        assert steps_of(end, {run})[run, "hold"] == status, policy


def test_after_the_kill_no_call_is_made_again_that_may_not_be(found):
    cut_off = cut_off_by_the_kill(found)
    end = found["after killing"]
    for run, (policy, status) in runs_of(end, "SIGKILL").items():
        made = calls_of(found["killed"], {run})[run, "hold"]
        # A call with a key is repeated with that key, and a read is read again.
        again = 0 if run in cut_off and policy == "ask" else 1
        after = {} if status == "outcome_unknown" else {(run, "next"): 1}
        assert calls_of(end, {run}) == Counter({(run, "hold"): made + again}) + Counter(after), policy
        keys = {call["key"] for call in end["calls"] if (call["run"], call["step"]) == (run, "hold")}
        assert len(keys) <= 1 or policy == "safe"
