"""A template is whole or not there, is built once, and never replaces anything."""

import os
import signal
import sqlite3
from contextlib import closing
from multiprocessing import get_context

import pytest
from django.db.backends.sqlite3.base import DatabaseWrapper

from stripeflow_site.local.tables import cache
from stripeflow_site.local.tables.cache import Templates

MADE = "CREATE TABLE django_migrations (id integer PRIMARY KEY, applied datetime); "
LONG_AGO = "2001-01-01 00:00:00"


@pytest.fixture(autouse=True)
def keys(monkeypatch, django_db_blocker):
    """The key of every connection, which a test may change. No connection is that of the tests."""
    found = ["a" * 32]
    monkeypatch.setattr(cache, "key_of", lambda _connection: found[0])
    with django_db_blocker.unblock():
        yield found


@pytest.fixture
def templates(tmp_path):
    return Templates(tmp_path / "templates", kind="site")


@pytest.fixture
def database(tmp_path):
    """A connection to a file of that name, which is not there yet, and what builds its tables."""

    def database(name):
        options = {"init_command": "PRAGMA synchronous=FULL;"}
        return DatabaseWrapper(
            {"NAME": str(tmp_path / name), "OPTIONS": options, "TIME_ZONE": None, "CONN_HEALTH_CHECKS": False}
            | {"CONN_MAX_AGE": 0, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {"NAME": None}}
        )

    return database


def builder(connection, note=lambda: None):
    def build():
        note()
        with connection.cursor() as cursor:
            cursor.execute(MADE)
            cursor.execute("INSERT INTO django_migrations VALUES (7, %s)", [LONG_AGO])

    return build


def rows(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, applied FROM django_migrations").fetchall()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def copied(templates, connection, **options):
    return templates.copy_to(connection, builder(connection, **options))


def test_what_was_built_is_copied(templates, database, tmp_path):
    first, second = database("first"), database("second")
    built = []
    for connection in (first, second):
        assert copied(templates, connection, note=lambda: built.append(1))
    assert built == [1]
    [(number, applied)] = rows(tmp_path / "second")
    assert number == 7
    assert applied > LONG_AGO
    assert rows(templates.folder / f"site-{'a' * 32}.sqlite3") == [(7, LONG_AGO)]
    assert (tmp_path / "second").stat().st_mode & 0o777 == 0o600
    assert templates.folder.stat().st_mode & 0o777 == 0o700


def test_the_connection_leads_to_its_own_file_again(templates, database, tmp_path):
    connection = database("own")
    copied(templates, connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations")
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()
    assert rows(tmp_path / "own") == []
    assert names(tmp_path) == ["own", "templates"]


@pytest.mark.parametrize("name", ["own", "own-journal", "own-wal", "own-shm"])
def test_what_is_there_stays_as_it_is(templates, database, tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert copied(templates, database("own")) is None
    assert (tmp_path / name).read_bytes() == b""
    assert names(tmp_path) == [name]


def test_a_database_that_appears_meanwhile_is_not_replaced(templates, database, tmp_path):
    connection = database("own")
    with pytest.raises(FileExistsError):
        copied(templates, connection, note=lambda: (tmp_path / "own").write_text("somebody else's"))
    assert (tmp_path / "own").read_text() == "somebody else's"
    assert names(tmp_path) == ["own", "templates"]


@pytest.mark.parametrize("name", [":memory:", "file:memorydb_default?mode=memory&cache=shared"])
def test_a_database_in_memory_is_not_copied_to(templates, database, name):
    connection = database("own")
    connection.settings_dict["NAME"] = name
    assert copied(templates, connection) is None


def test_a_template_of_another_key_is_removed_when_one_is_built(templates, database, keys):
    other = Templates(templates.folder, kind="other")
    copied(other, database("other"))
    copied(templates, database("first"))
    keys[0] = "b" * 32
    copied(templates, database("second"))
    expected = ["lock", f"other-{'a' * 32}.sqlite3", f"site-{'b' * 32}.sqlite3"]
    assert names(templates.folder) == expected


def test_a_build_that_fails_leaves_no_template(templates, database):
    with pytest.raises(ZeroDivisionError):
        copied(templates, database("own"), note=lambda: 1 / 0)
    assert copied(templates, database("own"))


def test_a_build_that_is_killed_leaves_no_template(templates, database, tmp_path):
    connection = database("own")

    def die_midway():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE half (id integer)")
        os.kill(os.getpid(), signal.SIGKILL)

    process = get_context("fork").Process(target=lambda: copied(templates, connection, note=die_midway))
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "own").exists()
    assert copied(templates, database("own"))
    assert [number for number, _applied in rows(tmp_path / "own")] == [7]
    assert names(templates.folder) == ["lock", f"site-{'a' * 32}.sqlite3"]
    with closing(sqlite3.connect(tmp_path / "own")) as own:
        assert own.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []


def test_two_at_once_build_one(templates, database, tmp_path):
    context = get_context("fork")
    barrier = context.Barrier(2)

    def note():
        with (tmp_path / "built").open("a") as file:
            file.write("once ")

    def work(name):
        connection = database(name)
        barrier.wait(20)
        copied(templates, connection, note=note)

    processes = [context.Process(target=work, args=(name,)) for name in ("one", "two")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(20)
    assert [process.exitcode for process in processes] == [0, 0]
    assert (tmp_path / "built").read_text() == "once "
    assert [[number for number, _ in rows(tmp_path / name)] for name in ("one", "two")] == [[7], [7]]
