"""The campaigns in short: they hold, and the chaos campaign turns red without idempotency keys.

The live ones are marked `campaign`, and run by `make campaigns`.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.fuzz import differences

ROOT = Path(__file__).resolve().parents[2]

# In one process: each starts a whole installation.
pytestmark = pytest.mark.xdist_group("campaigns")


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


@pytest.mark.campaign
def test_kills_under_load_lose_nothing_and_repeat_nothing():
    options = "--pause=0.7", "--lease=8", "--faults=0.5"
    status, printed, verdict = campaign("chaos", "--events=30", "--kills=4", *options)
    assert (status, verdict) == (0, "VERDICT: the guarantee held."), printed


@pytest.mark.campaign
def test_without_idempotency_keys_the_campaign_turns_red():
    status, printed, verdict = campaign("chaos", "--events=40", "--kills=0", "--faults=2", "--without-keys")
    assert status == 1, printed
    assert "effect too often" in verdict


@pytest.mark.campaign
def test_hostile_bodies_do_nothing():
    status, printed, verdict = campaign("fuzz", "--unsigned=300", "--signed=150")
    assert (status, verdict) == (0, "VERDICT: nothing hostile came through."), printed
    # Enough of the strange events are taken for the comparison with the rows to mean something.
    assert int(re.search(r"signed .*?: (\d+) 200", printed)[1]) > 20


@pytest.mark.parametrize(
    ("accepted", "stored"),
    [(["a", "b"], ["a"]), (["a"], ["a", "b"]), (["a"], ["a", "a"]), ([], ["a"])],
)
def test_rows_that_do_not_fit_the_answers_are_found(accepted, stored):
    assert len(differences(accepted, stored)) == 1


def test_copies_of_one_event_have_one_row():
    assert differences(["a", "a", "b"], ["b", "a"]) == []
