"""The guide of the API, from nothing: each of its examples is run by a shell, and prints what it says."""

import os
import re
import sys
from pathlib import Path

import pytest

from stripeflow_site.local.installation import ROOT
from tests.flows.guide import Shell, differences, examples_of
from tests.flows.installation import House

GUIDE = (ROOT / "docs" / "api.md").read_text()


@pytest.fixture
def new_house(tmp_path):
    """An installation in which nothing has happened, as the guide's reader has it."""
    with House.build(tmp_path / "house") as house:
        yield house


@pytest.fixture
def shell(new_house, tmp_path):
    """A shell in an empty folder that has the site's manage.py."""
    folder = tmp_path / "shell"
    folder.mkdir()
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**new_house.environment(), "PATH": path, "PYTHONPATH": str(ROOT)}
    with Shell(folder, environment) as shell:
        yield shell


def test_the_examples_of_the_guide_print_what_it_says(new_house, shell):
    here = {"http://127.0.0.1:8000": new_house.url, "http://127.0.0.1:12111": new_house.standin.url}
    for example in examples_of(GUIDE):
        commands = re.sub("|".join(map(re.escape, here)), lambda found: here[found[0]], example.commands)
        printed = shell.run(commands)
        # Reading is slower than the worker.
        new_house.wait_for_end()
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
