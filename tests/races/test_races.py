"""Many at once on real databases: one effect, one row, one winner.

STRIPEFLOW_RACE_ROUNDS is the number of rounds of each race, STRIPEFLOW_RACE_SEED what people do in them.
"""

import os
import random

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

ROUNDS = int(os.environ.get("STRIPEFLOW_RACE_ROUNDS", "2"))
SEED = int(os.environ.get("STRIPEFLOW_RACE_SEED") or random.randrange(10**6))

pytestmark = pytest.mark.timeout(300 + 20 * ROUNDS)


@pytest.fixture(scope="module")
def verdict(database_url, tmp_path_factory):  # noqa: F811
    return run_campaign(
        "tests.races.campaign", database_url, ROUNDS, SEED, folder=tmp_path_factory.mktemp("races")
    )


@pytest.mark.parametrize(
    "race",
    [
        "one_run",
        "one_event",
        "matched_late",
        "publishing",
        "switching",
        "editors",
        "copiers",
        "notifiers",
        "refunds",
        "caps",
        "lowering",
        "keys",
        "mails",
        "mails_of_a_day",
        "starts",
        "other_version",
        "one_table",
        "deciding",
        "deciding_while_canceled",
        "canceling",
        "ticks",
    ],
)
def test_whoever_comes_first_wins_and_nothing_happens_twice(verdict, race):
    print(f"{ROUNDS} rounds, STRIPEFLOW_RACE_SEED={SEED}")
    assert verdict[race] == []


@pytest.mark.parametrize(
    ("safeguard", "fault"),
    [
        ("lease", "more or less than one worker had the run"),
        ("lease", "pay was called again"),
        ("unique", "16 rows of one event"),
        ("revision", "16 of 16 editors won"),
        ("key", "8 of 8 runs passed"),
        ("mail", "16 of 16 workers sent"),
    ],
)
def test_the_checks_find_a_safeguard_that_is_switched_off(verdict, safeguard, fault):
    assert fault in verdict["bitten"][safeguard]
