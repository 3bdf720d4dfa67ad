"""The guide of the API, from nothing: each of its examples is run by a shell, and prints what it says."""

import os
import re
import sys
from pathlib import Path

import pytest

from stripeflow_site.local.installation import ROOT
from tests.flows.guide import Shell, differences, examples_of

GUIDE = (ROOT / "docs" / "api.md").read_text()


@pytest.fixture
def shell(on_sqlite, tmp_path):
    """A shell in an empty folder that has the site's manage.py, at whose end everything runs again."""
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**on_sqlite.environment(), "PATH": path, "PYTHONPATH": str(ROOT)}
    try:
        with Shell(tmp_path, environment) as shell:
            yield shell
    finally:
        on_sqlite.api.post("switch/", {"stopped": False})


def test_the_examples_of_the_guide_print_what_it_says(on_sqlite, shell):
    here = {"http://127.0.0.1:8000": on_sqlite.url, "http://127.0.0.1:12111": on_sqlite.standin.url}
    for example in examples_of(GUIDE):
        commands = re.sub("|".join(map(re.escape, here)), lambda found: here[found[0]], example.commands)
        printed = shell.run(commands)
        # Reading is slower than the worker.
        on_sqlite.wait_for_end()
        assert list(differences(example, printed)) == [], (commands, printed)


def test_no_variable_stands_in_single_quotes():
    for example in examples_of(GUIDE):
        outside = re.sub(r"<<'END'\n.*?\nEND\n", "", example.commands, flags=re.DOTALL)
        assert not any("$" in quoted for quoted in re.findall(r"'[^']*'", outside)), example.commands


def test_the_guide_prints_many_answers():
    assert sum(example.has_output for example in examples_of(GUIDE)) >= 20


@pytest.mark.parametrize("command", ["create", "list", "revoke"])
def test_the_guide_names_the_commands_of_tokens(command):
    assert f"stripeflow_token {command}" in GUIDE
