"""A cluster that hangs for good is started again by the worker command, and nothing is lost."""

import psutil
import pytest

AMOUNT = 150_000
# The cluster's main process, two workers, monitor and pusher, which is started last.
PROCESSES = 5


@pytest.fixture
def worker(on_sqlite):
    """The process of the worker command with its cluster up; a fresh one for the tests that come after."""
    process = psutil.Process(on_sqlite.worker.pid)
    on_sqlite.wait(lambda: len(process.children(recursive=True)) >= PROCESSES, what="The cluster")
    yield process
    on_sqlite.stop_worker()
    on_sqlite.start_worker()


def kill_the_pool(worker):
    """Kill every process below the main one at once: one of the idle workers holds the queue's lock."""
    (cluster,) = worker.children()
    pool = cluster.children()
    assert len(pool) >= 3
    for process in pool:
        process.kill()


def test_events_run_after_idle_workers_were_killed(on_sqlite, worker):
    house = on_sqlite
    workflow = house.activate_template("personalize_orders")
    first = house.pay(AMOUNT)["event"]["id"]
    house.wait_for_run(first, workflow)
    kill_the_pool(worker)
    second = house.pay(AMOUNT)["event"]["id"]
    run = house.wait(
        lambda: next((r for r in house.runs(second, workflow) if r["status"] == "succeeded"), None),
        what="The run after the kill",
        seconds=60,
    )
    assert len(house.mails_of(run)) == 1


def test_killing_the_main_process_costs_time_only(on_sqlite, worker):
    house = on_sqlite
    workflow = house.activate_template("personalize_orders")
    (cluster,) = worker.children()
    cluster.kill()
    event = house.pay(AMOUNT)["event"]["id"]
    run = house.wait(
        lambda: next((r for r in house.runs(event, workflow) if r["status"] == "succeeded"), None),
        what="The run after the kill",
        seconds=60,
    )
    assert len(house.mails_of(run)) == 1


def test_the_cluster_ends_with_a_worker_command_that_is_killed(on_sqlite, worker):
    below = worker.children(recursive=True)
    worker.kill()
    _gone, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
