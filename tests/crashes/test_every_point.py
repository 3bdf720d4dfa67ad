"""A process dies between any two writes, on real databases; the ring and the next worker make it good.

STRIPEFLOW_CRASH_POINTS=all dies at every point, not only once in every state that can be left behind.
STRIPEFLOW_CRASH_PAIRS is the number of lives with several deaths, STRIPEFLOW_CRASH_SEED their seed.
"""

import os
import random

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

EVERY = int(os.environ.get("STRIPEFLOW_CRASH_POINTS") == "all")
PAIRS = int(os.environ.get("STRIPEFLOW_CRASH_PAIRS", "3"))
SEED = int(os.environ.get("STRIPEFLOW_CRASH_SEED") or random.randrange(10**6))

# The long form takes some minutes.
pytestmark = pytest.mark.timeout(300 + 600 * EVERY + PAIRS)


@pytest.fixture(scope="module")
def verdict(database_url, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("crashes")
    return run_campaign("tests.crashes.campaign", database_url, EVERY, PAIRS, SEED, folder=folder)


@pytest.mark.parametrize("scenario", ["accepting", "accepting_together", "sweeping", "ringing", "executing"])
def test_a_death_at_any_point_loses_nothing_and_repeats_nothing(verdict, scenario):
    found = verdict["scenarios"][scenario]
    print(f"{scenario}: {found['deaths']} deaths, {found['points']} points")
    # Fewer would mean that the scenario writes nothing any more.
    assert found["points"] >= found["deaths"] >= 5
    assert found["faults"] == {}


def test_an_acknowledged_event_needs_no_second_delivery(verdict):
    assert verdict["lost_rings"] == []


def test_several_deaths_in_a_row_change_nothing(verdict):
    print(f"{PAIRS} lives, STRIPEFLOW_CRASH_SEED={SEED}")
    assert verdict["pairs"] == {}


@pytest.mark.parametrize(
    ("safeguard", "fault"),
    [
        ("keys", "pay had 2 effects"),
        ("memory", "tell had 2 effects"),
        ("sweep", "it never came to an end"),
    ],
)
def test_the_checks_find_a_safeguard_that_is_switched_off(verdict, safeguard, fault):
    assert fault in verdict["bitten"][safeguard]
