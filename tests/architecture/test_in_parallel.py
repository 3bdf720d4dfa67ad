"""What takes long to make is made by one process of a parallel run, not by each."""

import re

import pytest

from tests.in_parallel import ROOT, scope_of

MODULES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))
FIXTURE = re.compile(r"@pytest\.fixture\((?:[^)]*, )?scope=.module")


def test_a_module_with_a_fixture_for_all_of_it_is_in_one_process():
    shared = [path for path in MODULES if FIXTURE.search((ROOT / path).read_text())]
    assert len(shared) > 5
    for path in shared:
        assert scope_of(f"{path}::test_one") == scope_of(f"{path}::test_two[a-b]"), path


def test_other_tests_go_one_by_one():
    path = "tests/architecture/test_files.py"
    assert scope_of(f"{path}::test_one") != scope_of(f"{path}::test_two")


@pytest.mark.parametrize("path", ["tests/crashes/test_every_point.py", "tests/races/test_races.py"])
def test_a_campaign_is_in_one_process_for_each_database(path):
    assert scope_of(f"{path}::test_one[sqlite-a]") == scope_of(f"{path}::test_two[sqlite-memory-x y]")
    assert scope_of(f"{path}::test_one[sqlite-a]") != scope_of(f"{path}::test_one[postgresql-a]")


def test_a_package_with_a_fixture_for_all_of_it_is_in_one_process():
    assert scope_of("tests/wheel/test_contents.py::test_one") == scope_of(
        "tests/wheel/test_other.py::test_two"
    )


def test_a_live_installation_is_in_one_process_whatever_the_module():
    one, two = "tests/flows/test_cases.py::test_one[postgres]", "tests/flows/test_faults.py::test[postgres-a]"
    assert scope_of(one) == scope_of(two)
    assert scope_of(one) != scope_of("tests/flows/test_cases.py::test_one[sqlite]")
