"""docs/settings.md lists what the code reads, and nothing else."""

import ast
import re

import pytest

import stripeflow.actions.conf
import stripeflow.triggers.conf
import stripeflow.workflows.conf
from stripeflow.workflows.checks.system import setting_names
from stripeflow_site.local.installation import ROOT

DOCUMENT = (ROOT / "docs" / "settings.md").read_text()
# Read by their commands and by gunicorn's settings, not by the settings.
OF_COMMANDS = {"STRIPE_WEBHOOK_SECRET", "STRIPEFLOW_DEMO_PASSWORD", "WEB_CONCURRENCY"}


DICTIONARY = DOCUMENT.partition("## The dictionary")[2]


def rows(heading):
    """The names in the first column of the tables under a heading."""
    [text] = [part for part in DOCUMENT.split("\n## ") if part.startswith(heading)]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, flags=re.MULTILINE))


def variables_in_the_settings():
    """The names that stripeflow_site/settings.py asks the environment for."""
    tree = ast.parse((ROOT / "stripeflow_site" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_environment_variable_is_documented():
    assert rows("Environment variables") == variables_in_the_settings() | OF_COMMANDS


def test_every_setting_is_documented():
    assert rows("The dictionary") == setting_names()


@pytest.mark.parametrize(
    "conf",
    [stripeflow.triggers.conf, stripeflow.actions.conf, stripeflow.workflows.conf],
    ids=lambda conf: conf.__name__,
)
def test_documented_defaults_are_the_real_ones(conf):
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", DICTIONARY, flags=re.MULTILINE))
    assert {name: ast.literal_eval(documented[name]) for name in conf.DEFAULTS} == conf.DEFAULTS
