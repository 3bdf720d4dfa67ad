"""Whatever changes the tables, or a row that `migrate` writes, makes another key; nothing else does."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.db import connection

from stripeflow_site.local.installation import ROOT
from stripeflow_site.local.tables.key import key_of

PRINTED = """
import django; django.setup()
from django.db import connection
from stripeflow_site.local.tables.key import key_of
print(key_of(connection), connection.connection)
"""


@pytest.fixture
def made_up(tmp_path, monkeypatch, settings):
    """A migration that is not among ours, of the app with the actions."""
    folder = tmp_path / "made_up_migrations"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"stripeflow_actions": "made_up_migrations"}
    return folder / "0001_initial.py"


def test_a_changed_migration_makes_another_key(made_up):
    made_up.write_text("operations = []")
    before = key_of(connection)
    assert key_of(connection) == before
    made_up.write_text("operations = [None]")
    changed = key_of(connection)
    assert changed != before
    made_up.rename(made_up.with_name("0002_initial.py"))
    assert key_of(connection) not in (before, changed)


def test_another_version_of_a_distribution_makes_another_key(tmp_path, monkeypatch):
    before = key_of(connection)
    (tmp_path / "made_up-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert key_of(connection) != before


def test_another_version_of_sqlite_makes_another_key(monkeypatch):
    before = key_of(connection)
    monkeypatch.setattr(connection.Database, "sqlite_version", "3.0.0")
    assert key_of(connection) != before


@pytest.mark.parametrize("name", ["DJSTRIPE_FOREIGN_KEY_TO_FIELD", "DEFAULT_AUTO_FIELD", "DJSTRIPE_NEW"])
def test_a_setting_that_shapes_tables_makes_another_key(settings, name):
    before = key_of(connection)
    setattr(settings, name, "another")
    assert key_of(connection) != before


@pytest.mark.parametrize(
    ("name", "value"),
    [("permissions", [("fly", "Can fly")]), ("default_permissions", ("add",)), ("verbose_name", "person")],
)
def test_what_permissions_follow_from_makes_another_key(monkeypatch, name, value):
    before = key_of(connection)
    monkeypatch.setattr(User._meta, name, value)
    assert key_of(connection) != before


def test_what_belongs_to_an_installation_makes_no_other_key(settings):
    before = key_of(connection)
    settings.SECRET_KEY = "another"
    settings.ALLOWED_HOSTS = ["flows.example.com"]
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_another"
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "BASE_URL": "https://flows.example.com"}
    assert key_of(connection) == before


def test_each_process_finds_the_same_key_without_connecting(tmp_path):
    """Where tables are made from models, their statements hold lists in the order of a set."""
    found = []
    for seed in ("1", "2"):
        own = {
            "PYTHONHASHSEED": seed,
            "STRIPEFLOW_VAR_DIR": str(tmp_path / seed),
            "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
        }
        done = subprocess.run(
            [sys.executable, "-c", PRINTED],
            cwd=ROOT,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert found[0].endswith(" None\n")
    assert found[0] == found[1]
