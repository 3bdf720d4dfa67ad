"""What a host project gets."""

import zipfile

import pytest

from stripeflow_site.local.installation import ROOT
from tests.wheel.conftest import APPS


@pytest.fixture(scope="module")
def names(wheel):
    """The names in the wheel."""
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


@pytest.mark.parametrize("app", APPS)
def test_type_checkers_of_a_project_read_our_annotations(names, app):
    assert f"stripeflow/{app}/py.typed" in names


def test_licence_is_in_it(names):
    assert any(name.endswith("/LICENSE") for name in names)
