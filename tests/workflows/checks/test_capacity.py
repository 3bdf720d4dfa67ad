"""A concurrency that the database cannot bear."""

from types import SimpleNamespace

import pytest
from django.core.checks import registry
from django.db import connection
from django.utils import translation

from stripeflow.workflows.checks import capacity


@pytest.fixture(autouse=True)
def _others(settings):
    """So many connections are for others, however many threads the site's web server has."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OTHER_CONNECTIONS": 20}


@pytest.fixture
def at_once(settings):
    def at_once(number):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CONCURRENCY": number}

    return at_once


@pytest.fixture
def server(monkeypatch):
    """A PostgreSQL that allows so many connections, and a queue of so many processes."""

    def server(allowed, *, processes=2):
        queue = SimpleNamespace(worker_processes=processes, waits_for_threads=True)
        monkeypatch.setattr(capacity, "backend", lambda: queue)
        monkeypatch.setattr(capacity, "connection", SimpleNamespace(vendor="postgresql"))
        monkeypatch.setattr(capacity, "_allowed", lambda: allowed)

    return server


def found():
    return capacity.check_connections(None, databases=["default"])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_sqlite_bears_64(at_once):
    at_once(64)
    assert registry.run_checks(tags=["stripeflow"]) == []
    at_once(65)
    (error,) = registry.run_checks(tags=["stripeflow"])
    assert error.id == "stripeflow.E110"
    assert "64" in error.msg
    assert "64" in error.hint


def test_a_queue_without_threads_bears_any_number(at_once, queue):
    at_once(65)
    assert capacity.check_sqlite(None) == []


@pytest.mark.parametrize(("allowed", "fits"), [(97, 37), (62, 20)])
def test_the_server_bears_what_its_connections_are_enough_for(server, at_once, allowed, fits):
    server(allowed)
    at_once(fits)
    assert found() == []
    at_once(fits + 1)
    (error,) = found()
    assert (error.id, str(fits) in error.msg, str(fits) in error.hint) == ("stripeflow.E110", True, True)


def test_the_connections_of_web_servers_are_left_out(server, at_once, settings):
    server(97)
    at_once(37)
    assert found() == []
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OTHER_CONNECTIONS": 22}
    (error,) = found()
    assert ("37" in error.msg, "36" in error.msg, "22" in error.msg) == (False, True, True)


@pytest.mark.parametrize("value", ["20", 0, None])
def test_a_number_of_others_that_is_none_is_left_to_the_check_of_values(server, at_once, settings, value):
    server(22)
    at_once(500)
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OTHER_CONNECTIONS": value}
    assert found() == []


def test_a_server_that_bears_none_says_what_to_do(server, at_once):
    server(22, processes=4)
    at_once(1)
    (error,) = found()
    assert "max_connections" in error.hint


def test_it_is_said_in_japanese_too(server, at_once):
    server(97)
    at_once(500)
    (english,) = found()
    with translation.override("ja"):
        (japanese,) = found()
    assert japanese.msg != english.msg
    assert japanese.hint != english.hint


def test_the_database_is_asked_only_by_a_check_of_the_database(server, at_once):
    server(22)
    at_once(500)
    assert capacity.check_connections(None) == []


@pytest.mark.parametrize("value", ["16", 0, None])
def test_a_value_that_is_no_number_is_left_to_the_check_of_values(server, at_once, value):
    server(22)
    at_once(value)
    assert found() == []


@pytest.mark.django_db
@pytest.mark.postgresql
def test_a_real_server_is_asked(at_once):
    at_once(16)
    assert found() == []
    at_once(1000)
    (error,) = found()
    assert error.id == "stripeflow.E110"
