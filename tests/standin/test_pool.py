import queue
import threading

import pytest

from stripeflow_site.standin.pool import DelayedPool


@pytest.fixture
def pool():
    pool = DelayedPool(3, name="test")
    yield pool
    pool.close()


@pytest.fixture
def done():
    return queue.SimpleQueue()


def test_pool_runs_at_most_its_size_at_once(pool, done):
    gate, begun = threading.Event(), threading.Semaphore(0)

    def work():
        begun.release()
        gate.wait(10)
        done.put(True)

    for _ in range(5):
        pool.submit(work)
    started = [begun.acquire(timeout=5) for _ in range(3)]
    fourth = begun.acquire(timeout=0.1)
    gate.set()

    assert (started, fourth) == ([True] * 3, False)
    assert [done.get(timeout=5) for _ in range(5)] == [True] * 5


def test_later_work_runs_in_the_order_of_its_time(pool, done):
    pool.submit(done.put, "late", delay=0.2)
    pool.submit(done.put, "soon", delay=0.05)
    pool.submit(done.put, "now")

    assert [done.get(timeout=5) for _ in range(3)] == ["now", "soon", "late"]


def test_hurried_work_runs_now(pool, done):
    pool.submit(done.put, "late", delay=600)
    pool.hurry()

    assert done.get(timeout=5) == "late"


def test_worker_outlives_a_job_that_fails(pool, done, caplog):
    for _ in range(3):
        pool.submit(lambda: 1 / 0)
    pool.submit(done.put, "after")

    assert done.get(timeout=5) == "after"
    assert "standin.pool.job_failed" in caplog.text
