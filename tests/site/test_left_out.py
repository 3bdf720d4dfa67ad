import json
import os
import subprocess
import sys

import pytest

from stripeflow_site.left_out import left_out

# The site as a server or a worker has it, and what of the packages it has imported then.
_LOADED = """
import json, sys
import django
django.setup()
from django.core.checks import run_checks
run_checks()
from drf_spectacular.generators import SchemaGenerator
SchemaGenerator().get_schema(public=True)
unused = ("httpx", "jinja2", "psycopg", "pydantic", "pygments")
print(json.dumps([name for name in unused if name in sys.modules]))
"""


def loaded(folder, database_url):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "stripeflow_site.settings",
        "STRIPEFLOW_ENV_FILE": "",
        "STRIPEFLOW_VAR_DIR": str(folder),
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
    }
    command = [sys.executable, "-W", "ignore", "-c", _LOADED]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


def test_a_site_on_sqlite_imports_nothing_that_it_does_not_use(tmp_path):
    assert loaded(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}") == []


def test_a_site_on_postgresql_imports_its_driver(tmp_path):
    assert loaded(tmp_path, "postgres://somebody@127.0.0.1:9/nothing") == ["psycopg"]


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "package_for_a_test.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield "package_for_a_test"
    sys.modules.pop("package_for_a_test", None)


def test_what_is_left_out_counts_as_not_installed(package):
    with left_out(package), pytest.raises(ModuleNotFoundError):
        __import__(package)


def test_what_was_left_out_can_be_imported_later(package):
    with left_out(package):
        pass
    assert __import__(package).__name__ == package


def test_what_is_imported_already_stays(package):
    module = __import__(package)
    with left_out(package):
        assert __import__(package) is module
    assert sys.modules[package] is module
