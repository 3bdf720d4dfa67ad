import pytest
from django.db import connection

from stripeflow.triggers import current_sqlite
from stripeflow.workflows.checks import journal

OLD, SAFE = (3, 51, 2), (3, 51, 3)


@pytest.fixture
def sqlite(monkeypatch):
    """A made-up version of SQLite, and the command that sets the journal."""
    if connection.vendor != "sqlite":
        pytest.skip("About SQLite.")

    def sqlite(version, command):
        monkeypatch.setattr(connection.Database, "sqlite_version_info", version)
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"init_command": command})

    return sqlite


def ids(check):
    return [message.id for message in check(None)]


@pytest.mark.parametrize("command", ["PRAGMA journal_mode=WAL;", "pragma journal_mode = wal"])
def test_wal_with_a_library_that_may_damage_it_is_warned_of(sqlite, command):
    sqlite(OLD, command)
    assert ids(journal.check_wal) == ["stripeflow.W015"]


@pytest.mark.parametrize(
    ("version", "command"),
    [(SAFE, "PRAGMA journal_mode=WAL;"), (OLD, "PRAGMA journal_mode=DELETE;"), (OLD, "")],
)
def test_what_is_safe_is_not_warned_of(sqlite, version, command):
    sqlite(version, command)
    assert ids(journal.check_wal) == []


def test_hints_name_what_a_host_has_to_call(sqlite):
    sqlite(OLD, "PRAGMA journal_mode=WAL;")
    for check in (journal.check_wal, journal.say_journal):
        [message] = check(None)
        assert "stripeflow[sqlite]" in message.hint
        assert f"{current_sqlite.__name__}.{current_sqlite.use_newer.__name__}()" in message.hint


def test_the_library_and_the_journal_are_named(sqlite):
    sqlite(SAFE, "PRAGMA journal_mode=WAL;")
    [message] = journal.say_journal(None)
    assert message.hint is None
    assert message.msg == "The database “default” uses SQLite 3.51.3 with the journal WAL."
