import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow_site.web_threads import ALL_THREADS, LEAST_THREADS, web_threads

SQLITE, POSTGRES = "django.db.backends.sqlite3", "django.db.backends.postgresql"


@pytest.fixture
def cores(monkeypatch):
    """Says how many cores there are; nobody has chosen a number of processes."""
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)

    def are(number):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(number)), raising=False)

    return are


@pytest.mark.parametrize(
    ("engine", "number", "processes"),
    [
        (SQLITE, 1, 1),
        (SQLITE, 64, 1),
        (POSTGRES, 1, 1),
        (POSTGRES, 3, 1),
        (POSTGRES, 4, 2),
        (POSTGRES, 64, 2),
    ],
)
def test_one_process_serves_where_a_second_one_would_wait_for_it(cores, engine, number, processes):
    cores(number)
    assert web_threads(engine).processes == processes


def test_a_system_that_does_not_say_what_a_process_may_use_says_what_there_is(cores, monkeypatch):
    cores(1)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert web_threads(POSTGRES).processes == 2


@pytest.mark.parametrize("engine", [SQLITE, POSTGRES])
def test_a_chosen_number_wins(cores, monkeypatch, engine):
    cores(2)
    monkeypatch.setenv("WEB_CONCURRENCY", "5")
    assert web_threads(engine).processes == 5


@pytest.mark.parametrize("text", ["0", "two", "-1", "1.5", " "])
def test_another_value_is_refused_and_said(cores, monkeypatch, text):
    monkeypatch.setenv("WEB_CONCURRENCY", text)
    with pytest.raises(ImproperlyConfigured, match=f"WEB_CONCURRENCY is “{text}”"):
        web_threads(SQLITE)


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_as_many_requests_are_served_at_once_by_few_processes_as_by_two(cores, monkeypatch, processes):
    monkeypatch.setenv("WEB_CONCURRENCY", str(processes))
    found = web_threads(POSTGRES)
    assert found.threads >= LEAST_THREADS
    assert found.connections >= ALL_THREADS
