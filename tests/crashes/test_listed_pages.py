"""A worker dies, or loses its lease, at points of a loop over the pages of a list: none doubled, none missed.

STRIPEFLOW_PAGES_EVERY is how many points lie between two that are tried; 1 tries each.
"""

import os

import pytest

from tests.crashes.databases import database_url, run_campaign  # noqa: F401  fixture

EVERY = int(os.environ.get("STRIPEFLOW_PAGES_EVERY", "5"))


@pytest.mark.timeout(300)
def test_each_item_has_its_turn_once_wherever_the_worker_dies(database_url, tmp_path):  # noqa: F811
    found = run_campaign("tests.crashes.listed_pages", database_url, EVERY, folder=tmp_path)
    print(found)
    assert found["faults"] == {}
    # Fewer would mean that pages or items are not written any more.
    assert found["points"] >= 60
