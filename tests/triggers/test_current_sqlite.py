import os
import sqlite3
import subprocess
import sys
from types import SimpleNamespace

import pytest

from stripeflow.triggers import current_sqlite
from stripeflow_site.local.installation import ROOT


@pytest.fixture
def installed(monkeypatch):
    """A made-up `pysqlite3` of that version, and the driver that `import sqlite3` gives once it is chosen."""

    def installed(version):
        module = SimpleNamespace(sqlite_version_info=version)
        monkeypatch.setitem(sys.modules, "pysqlite3", module)
        monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", SimpleNamespace())
        for name in ("sqlite3", "sqlite3.dbapi2"):
            monkeypatch.setitem(sys.modules, name, sys.modules[name])
        current_sqlite.use_newer()
        return sys.modules["sqlite3"] is module

    return installed


def test_a_newer_one_is_used(installed):
    assert installed((99, 0, 0))
    assert current_sqlite.version() == (99, 0, 0)


def test_one_that_is_not_newer_is_left_alone(installed):
    assert not installed((3, 1, 0))


def test_without_the_package_it_is_pythons_own(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    before = sys.modules["sqlite3"]
    current_sqlite.use_newer()
    assert sys.modules["sqlite3"] is before


@pytest.mark.parametrize(
    ("version", "expected"),
    [((3, 40, 1), "DELETE"), ((3, 51, 2), "DELETE"), ((3, 51, 3), "WAL"), ((4, 0, 0), "WAL")],
)
def test_wal_is_used_where_it_is_safe(monkeypatch, version, expected):
    monkeypatch.setattr(current_sqlite, "version", lambda: version)
    assert current_sqlite.journal() == expected


@pytest.mark.parametrize("wanted", ["DELETE", "delete"])
def test_a_network_file_system_gets_the_journal_that_it_asks_for(monkeypatch, wanted):
    monkeypatch.setattr(current_sqlite, "version", lambda: (99, 0, 0))
    assert current_sqlite.journal(wanted) == "DELETE"


def test_the_settings_choose_the_driver_before_django_opens_a_database(tmp_path):
    """A package that stands in for `pysqlite3`: Python's own, under a version that is newer."""
    package = tmp_path / "pysqlite3"
    package.mkdir()
    lines = "from sqlite3.dbapi2 import *\nsqlite_version_info = (99, 0, 0)\n"
    (package / "__init__.py").write_text(lines)
    (package / "dbapi2.py").write_text(lines)
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "print(connection.Database.__name__, connection.settings_dict['OPTIONS']['init_command'])"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "stripeflow_site.settings",
        "STRIPEFLOW_ENV_FILE": "",
        "STRIPEFLOW_VAR_DIR": str(tmp_path / "var"),
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
    }
    environment.pop("DATABASE_URL", None)
    environment.pop("SQLITE_JOURNAL", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "pysqlite3.dbapi2"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        assert pragma in done.stdout
    assert sqlite3.sqlite_version_info < (99, 0, 0)
