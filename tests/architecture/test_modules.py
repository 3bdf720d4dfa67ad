"""Sizes and names of modules."""

import pytest

from stripeflow_site.local.installation import ROOT

PACKAGES = ("actions", "triggers", "workflows", "stripeflow_site", "tests", "bench")
MOST_LINES = 500
SAY_NOTHING = {"utils", "helpers", "common", "services", "misc"}
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.relative_to(ROOT).parts
)


def test_there_are_modules():
    assert len(MODULES) > 200


def test_no_module_is_too_long():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_modules_are_named_for_what_happens_there():
    assert [path for path in MODULES if path.stem in SAY_NOTHING or path.parent.name in SAY_NOTHING] == []


@pytest.mark.parametrize("app", ["actions", "triggers", "workflows"])
@pytest.mark.parametrize("kind", ["templates", "static"])
def test_files_of_an_app_lie_under_its_own_name(app, kind):
    """Or they would shadow those of a host project."""
    folder = ROOT / app / kind
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in found if path.parts[0] != "stripeflow"] == []
