"""Inputs that other people reported about products of this kind, each with what it must give."""

import json
from pathlib import Path

import pytest

from tests.flows.reported_case import outcome_of

CASES = sorted((Path(__file__).parent / "reported").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_reported_case_gives_what_its_users_expect(on_sqlite, path):
    case = json.loads(path.read_text())
    found = outcome_of(case, on_sqlite)
    assert {name: found.get(name) for name in case["expect"]} == case["expect"], found
