"""The wheel, built once for the tests of this folder."""

import os
import shutil
import subprocess
import sys

import pytest

from stripeflow_site.local.installation import ROOT

APPS = ("actions", "triggers", "workflows")
SOURCES = (*APPS, "stripeflow_site", "tests", "templates")
FILES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "manage.py")


@pytest.fixture(scope="package")
def wheel(tmp_path_factory):
    """The path of the wheel, built from a copy, since a build leaves files beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*build, f"--wheel-dir={folder}"], cwd=source, capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built
