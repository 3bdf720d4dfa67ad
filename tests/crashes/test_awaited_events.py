"""An event comes at every point around the wait for it, before and after: never missed, never counted twice.

STRIPEFLOW_AWAITED_ROUNDS is how many runs wait at least; by default each point has its turn once.
"""

import os

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

ROUNDS = int(os.environ.get("STRIPEFLOW_AWAITED_ROUNDS", "1"))

pytestmark = pytest.mark.timeout(120 + ROUNDS)


def test_an_event_at_any_point_ends_the_wait_once(database_url, tmp_path):  # noqa: F811
    found = run_campaign("tests.crashes.awaiting", database_url, ROUNDS, folder=tmp_path)
    print(found)
    assert found["faults"] == {}
    # Fewer would mean that a side writes nothing any more.
    assert min(found["points"].values()) >= 5
