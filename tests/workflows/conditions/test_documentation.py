import json
import os
import re
import subprocess
import sys

import pytest

from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, load
from stripeflow.workflows.conditions.documentation import PAGE, operator_table
from stripeflow.workflows.conditions.field_types import READINGS
from stripeflow.workflows.references.documentation import section

TEXT = PAGE.read_text(encoding="utf-8")


def test_page_has_the_table_of_today():
    """Run `python -m stripeflow.workflows.conditions.documentation` if it has not."""
    assert section(TEXT, "operators") == operator_table()


def test_the_table_is_made_outside_a_project():
    script = (
        "from stripeflow.workflows.conditions.documentation import operator_table, without_settings\n"
        "without_settings()\nprint(operator_table())"
    )
    env = {**os.environ, "PYTHONUTF8": "1"}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    made = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8", env=env
    )
    assert made.stdout.strip() == section(TEXT, "operators")


@pytest.mark.parametrize("key", OPERATORS)
def test_table_has_every_operator(key):
    assert f"| `{key}` |" in operator_table()


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
def test_example_on_the_page_is_a_condition(example):
    assert len(load(json.loads(example)).conditions) in {3, 4}


@pytest.mark.parametrize("reading", READINGS.values(), ids=lambda reading: reading.key)
def test_page_says_what_every_reading_reads(reading):
    types = ", ".join(f"`{key}`" for key in FIELD_TYPES if key in reading.of)
    assert f"| `{reading.key}` | {types} | `{reading.type}` |" in TEXT


@pytest.mark.parametrize("kind", sorted(set(FIELD_TYPES) - {"object", "metadata"}))
def test_page_names_the_values_of_every_type_that_has_some(kind):
    assert f"`{kind}`" in TEXT
