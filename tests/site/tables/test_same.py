"""A copied database is the one that `migrate` makes, and holds nothing of where it was built."""

import os
import re
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from stripeflow_site.local.installation import ROOT

# Both migrate from nothing, one of them as dj-stripe's migrations would have it.
pytestmark = pytest.mark.timeout(1500)

# Django writes some lists in the order of a set, which is another one in each process.
SET = re.compile(r"'\w+'(,'\w+')+")
NAMES = ("SECRET_KEY", "STRIPEFLOW_SECRET_KEYS", "STRIPE_TEST_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SEED")


def manage(folder, *arguments, **variables):
    folder.mkdir(exist_ok=True)
    own = {"DJANGO_SETTINGS_MODULE": "stripeflow_site.settings", "STRIPEFLOW_VAR_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **own, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def marks():
    """Values that only the installation has in which the template is built."""
    host = f"{secrets.token_hex(8)}.example.com"
    values = {name: f"sk_test_{secrets.token_hex(24)}" for name in NAMES}
    return {**values, "STRIPEFLOW_BASE_URL": f"https://{host}", "ALLOWED_HOSTS": host}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, marks):
    """An installation that migrated, and one that copied what yet another one had built."""
    folder = tmp_path_factory.mktemp("same")
    templates = f"--templates={folder / 'templates'}"
    own = {**marks, "PLAIN_HTTP": "1"}
    assert "Applying djstripe" in manage(folder / "builder", "stripeflow_tables", templates, **own)
    assert "Applying" not in manage(folder / "copied", "stripeflow_tables", templates)
    manage(folder / "migrated", "migrate", "--run-syncdb", "--verbosity=0")
    return folder


def read(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def both(folder, statement):
    return [read(folder / name / "stripeflow.sqlite3", statement) for name in ("copied", "migrated")]


def in_order(found):
    return ",".join(sorted(found[0].split(",")))


def tables(folder):
    made = "SELECT name FROM sqlite_master WHERE type = 'table'"
    named = read(folder / "migrated" / "stripeflow.sqlite3", made)
    return sorted(name for (name,) in named)


def test_every_table_index_and_trigger_is_the_same(folder):
    found = both(folder, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
    copied, migrated = ([(*row, SET.sub(in_order, sql or "")) for *row, sql in one] for one in found)
    assert len(migrated) > 400
    assert migrated[-2][:2] == ["trigger", "stripeflow_audit_append_only"] or migrated[-2][0] == "trigger"
    assert copied == migrated


def test_every_row_is_the_same_but_for_when_it_was_applied(folder):
    filled = set()
    for name in tables(folder):
        columns = [f'"{row[1]}"' for row in both(folder, f"PRAGMA table_info('{name}')")[1]]
        chosen = ", ".join(column for column in columns if column != '"applied"')
        copied, migrated = both(folder, f'SELECT {chosen} FROM "{name}" ORDER BY 1')
        assert copied == migrated, name
        filled |= {name} if migrated else set()
    # Whatever else comes to be written by a migration is to be looked at: it must be of no installation.
    assert filled == {"auth_permission", "django_content_type", "django_migrations", "sqlite_sequence"}


def test_the_next_ids_are_the_same(folder):
    copied, migrated = both(folder, "SELECT name, seq FROM sqlite_sequence ORDER BY name")
    assert copied == migrated
    assert dict(migrated)["auth_permission"] > 300


def test_nothing_is_left_to_migrate(folder):
    # It ends with an error if there is.
    manage(folder / "copied", "migrate", "--check")


def test_nothing_of_the_installation_that_built_it_is_in_it(folder, marks):
    [template] = (folder / "templates").glob("*.sqlite3")
    content = template.read_bytes()
    own = [path.read_text() for path in (folder / "builder").glob("secret*_key")]
    assert [name for name, value in marks.items() if value.encode() in content] == []
    assert [value for value in (*own, str(folder), ROOT.name) if value.encode() in content] == []
