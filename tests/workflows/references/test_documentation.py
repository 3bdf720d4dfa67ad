import os
import re
import subprocess
import sys

import pytest

from stripeflow.workflows.references import FILTERS, parse
from stripeflow.workflows.references.documentation import PAGE, filter_table, section, table, write_section


def test_page_has_the_table_of_today():
    """Run `python -m stripeflow.workflows.references.documentation` if it has not."""
    assert section(PAGE.read_text(encoding="utf-8"), "filters") == filter_table()


def test_the_table_is_made_outside_a_project():
    script = (
        "from stripeflow.workflows.references.documentation import filter_table, without_settings\n"
        "without_settings()\nprint(filter_table())"
    )
    env = {**os.environ, "PYTHONUTF8": "1"}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    made = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8", env=env
    )
    assert made.stdout.strip() == section(PAGE.read_text(encoding="utf-8"), "filters")


@pytest.mark.parametrize("key", FILTERS)
def test_table_has_every_filter(key):
    assert f"| `{key}" in filter_table()


def test_writes_tables():
    assert table(("a", "b"), [(1, 2)]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_replaces_only_what_stands_between_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\nold\n<!-- end of x -->\nafter\n", encoding="utf-8")
    write_section(page, "x", "new \\1")
    assert page.read_text(encoding="utf-8") == "before\n<!-- x -->\nnew \\1\n<!-- end of x -->\nafter\n"
    assert section(page.read_text(encoding="utf-8"), "x") == "new \\1"


REFERENCES = re.findall(r"`(\{\{ [a-z].*? \}\})`", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("reference", REFERENCES)
def test_references_on_the_page_can_be_read(reference):
    assert parse(reference).is_single
