"""The laws of who imports whom, executed."""

import os
import subprocess
import sys

import pytest

from stripeflow_site.local.installation import ROOT

NEEDED = ["django.contrib.contenttypes", "django.contrib.auth", "django_q"]
ALONE = """
import sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS={apps!r},
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    SECRET_KEY="of the test",
    USE_TZ=True,
)
import django
django.setup()
from django.core.management import call_command
call_command("check")
print(*sorted(sys.modules))
"""


def others(app):
    return {f"stripeflow.{name}" for name in ("workflows", "actions", "triggers") if name != app}


def loaded_by(*installed):
    """The modules that are loaded once these apps are set up, and checked."""
    script = ALONE.format(apps=[*NEEDED, *installed])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_contracts_of_import_linter_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("apps", "absent"),
    [
        (["djstripe", "stripeflow.triggers"], {*others("triggers"), "stripeflow_site"}),
        (["stripeflow.actions"], {*others("actions"), "stripeflow_site", "djstripe"}),
    ],
    ids=["triggers", "actions"],
)
def test_edge_stands_without_the_rest(apps, absent):
    assert loaded_by(*apps) & absent == set()
