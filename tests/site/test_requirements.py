"""What is installed: exact, with hashes, from no host that a file names, and within what a host may have."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements", "requirements-dev", "requirements-sqlite", "requirements-pip", "requirements-tools")
_PIN = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==(\S+)", re.MULTILINE)


def pins(name):
    """The exact versions of a file, by their names without extras."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {re.sub(r"\[.*", "", found).lower().replace("_", "-"): at for found, at in _PIN.findall(text)}


@pytest.mark.parametrize("name", LOCKS)
def test_each_choice_is_exact_and_stands_in_the_lock(name):
    lines = (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines()
    chosen = [line for line in lines if line and not line.startswith(("#", "-r ", "-c "))]
    assert len(pins(f"{name}.in")) == len(chosen)
    assert pins(f"{name}.in").items() <= pins(f"{name}.txt").items(), "Run `make lock`."


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_of_a_lock_has_a_hash(name):
    blocks = re.split(r"^(?=[A-Za-z0-9])", (ROOT / f"{name}.txt").read_text(encoding="utf-8"), flags=re.M)
    for block in filter(None, blocks):
        assert "==" in block.splitlines()[0]
        assert "--hash=sha256:" in block, block


def test_tests_run_on_the_versions_of_the_runtime():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", [f"{name}.{kind}" for name in LOCKS for kind in ("in", "txt")])
def test_no_file_names_a_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in [word.strip("-") for word in re.findall(r"--[a-z-]+", text)]


def test_what_a_host_must_have_is_what_we_have():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {**pins("requirements.txt"), **pins("requirements-sqlite.txt")}
    optional = project["optional-dependencies"].values()
    for line in [*project["dependencies"], *(one for group in optional for one in group)]:
        requirement = Requirement(line)
        name = requirement.name.lower().replace("_", "-")
        assert Version(ours[name]) in requirement.specifier, line
