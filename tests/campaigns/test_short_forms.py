"""The campaigns in short, on live installations: they hold, and turn red without each of the safeguards."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.fuzz import differences

ROOT = Path(__file__).resolve().parents[2]

HELD = "VERDICT: the guarantee held."
SLOW_MAIL = "--events=30", "--kills=0", "--restarts=0", "--faults=0", "--slow-mail", "--seed=5"


def campaign(name, *arguments):
    """The status, what was printed, and the last line of `python -m tests.campaigns.<name>`."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.campaigns.{name}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr[-4000:]
    return done.returncode, done.stdout, done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "stack",
    [(), ("--database=postgres", "--broker=valkey", "--restarts=4")],
    ids=["sqlite", "postgres and valkey"],
)
def test_kills_under_load_lose_nothing_and_repeat_nothing(stack):
    options = "--pause=0.7", "--lease=8", "--faults=0.5", "--seed=1"
    status, printed, verdict = campaign("chaos", "--events=30", "--kills=4", *options, *stack)
    assert (status, verdict) == (0, HELD), printed
    assert "processes killed                  4" in printed


def test_e_mails_that_take_longer_than_a_sweep_are_sent_once():
    status, printed, verdict = campaign("chaos", *SLOW_MAIL)
    assert (status, verdict) == (0, HELD), printed


@pytest.mark.parametrize(
    ("safeguard", "options", "found"),
    [
        ("keys", ("--events=40", "--kills=0", "--restarts=0", "--faults=2", "--seed=7"), "effect too often"),
        ("lease", ("--events=90", *SLOW_MAIL[1:]), "asked about, and nothing had died"),
        ("unique", ("--events=20", "--kills=0", "--restarts=0", "--seed=5"), "event stored twice"),
    ],
    ids=["keys", "lease", "unique"],
)
def test_the_campaign_finds_a_safeguard_that_is_switched_off(safeguard, options, found):
    status, printed, verdict = campaign("chaos", *options, f"--without-{safeguard}")
    assert status == 1, printed
    assert found in verdict


def test_hostile_bodies_do_nothing():
    status, printed, verdict = campaign("fuzz", "--unsigned=300", "--signed=150", "--seed=1")
    assert (status, verdict) == (0, "VERDICT: nothing hostile came through."), printed
    # Enough of the strange events are taken for the comparison with the rows to mean something.
    assert int(re.search(r"signed .*?: (\d+) 200", printed)[1]) > 20


def test_no_role_goes_beyond_its_rights():
    status, printed, verdict = campaign("role_fuzz", "--requests=60", "--seed=1")
    assert (status, verdict) == (0, "VERDICT: no role went beyond its rights."), printed
    # What is sent is not merely refused.
    assert int(re.search(r"everything else .*? (\d+) 200", printed)[1]) > 5


def test_a_right_too_many_is_found():
    status, printed, verdict = campaign("role_fuzz", "--prove", "--seed=1")
    assert (status, verdict) == (0, "VERDICT: each planted fault was found."), printed


@pytest.mark.parametrize(
    ("accepted", "stored"),
    [
        (["a", "b"], ["a"]),
        (["a"], ["a", "b"]),
        (["a"], ["a", "a"]),
        ([], ["a"]),
        (["evt_00"], ["evt_00"] * 2),
    ],
)
def test_rows_that_do_not_fit_the_answers_are_found(accepted, stored):
    assert len(differences(accepted, of_one(stored))) == 1


def test_copies_of_one_event_have_one_row():
    assert differences(["a", "a", "b"], of_one(["b", "a"])) == []


def test_events_that_share_an_id_have_a_row_each():
    assert differences(["evt_00", "evt_00"], of_one(["evt_00", "evt_00"])) == []


def test_one_id_in_both_modes_is_two_events():
    assert differences(["a", "a"], [("a", "test"), ("a", "live")]) == []


def of_one(ids):
    """Rows of one account and mode."""
    return [(one, "test") for one in ids]
