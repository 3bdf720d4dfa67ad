"""A worker dies, or loses its lease, at points of a loop that takes several items at once.

STRIPEFLOW_AT_ONCE_EVERY is how many points lie between two that are tried; 1 tries each.
"""

import os

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

EVERY = int(os.environ.get("STRIPEFLOW_AT_ONCE_EVERY", "41"))


@pytest.mark.timeout(900)
def test_each_item_is_done_once_wherever_one_of_the_threads_dies(database_url, tmp_path):  # noqa: F811
    found = run_campaign("tests.crashes.items_at_once", database_url, EVERY, folder=tmp_path)
    print(found)
    assert found["faults"] == {}
    # Fewer would mean that items are not written any more, or that they wait for one another.
    assert found["points"] >= 150
    assert found["most"] > 1
