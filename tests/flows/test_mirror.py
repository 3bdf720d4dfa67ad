"""Runs find a worker although the mirror waits for a slow Stripe."""

from datetime import datetime
from statistics import median

import pytest

from stripeflow.triggers.mirror_slots import HOLD

SLOW_SECONDS = 10
PENDING = 5
HELD_SECONDS = HOLD.total_seconds()
WITHIN_SECONDS = 2.0


@pytest.fixture
def met(house):
    """Reads at Stripe take ten seconds; returns the fault that the first of them meets."""
    house.standin.wait_for_deliveries()
    slow = {"seconds": SLOW_SECONDS, "method": "GET"}
    first = house.standin.faults("latency", count=1, **slow)
    house.standin.faults("latency", **slow)
    yield first
    house.standin.clear_faults()


def test_runs_do_not_wait_for_the_mirror(house, met):
    workflow = house.activate_template("personalize_orders")
    for _ in range(PENDING):
        house.pay(100)
    # A worker that another test killed may still have held the place.
    house.wait_for_fault(met, seconds=HELD_SECONDS + 15)
    runs = [house.wait_for_run(house.pay(150_000)["event"]["id"], workflow) for _ in range(3)]
    assert [run["status"] for run in runs] == ["succeeded"] * 3
    assert median(map(seconds_of, runs)) < WITHIN_SECONDS


def seconds_of(run):
    """From the acceptance of its event to the end of the run."""
    begin, end = (datetime.fromisoformat(run[name]) for name in ("created_at", "finished_at"))
    return (end - begin).total_seconds()
