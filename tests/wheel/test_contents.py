"""What a host project gets."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from stripeflow_site.local.installation import ROOT

APPS = ("actions", "triggers", "workflows")
SOURCES = (*APPS, "stripeflow_site", "tests", "templates")
FILES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "manage.py")


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The names in the wheel, built from a copy, since a build leaves files beside the sources."""
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
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_stripeflow_only(names):
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"stripeflow"}


def test_wheel_holds_the_three_apps_below_it(names):
    assert {name.split("/")[1] for name in names if name.startswith("stripeflow/")} == set(APPS)


@pytest.mark.parametrize("app", APPS)
def test_every_module_template_and_static_file_is_in_it(names, app):
    wanted = {
        f"stripeflow/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / app).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }
    assert wanted - names == set()


def test_licence_is_in_it(names):
    assert any(name.endswith("/LICENSE") for name in names)
