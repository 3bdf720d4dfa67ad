"""Inputs that other people reported about products of this kind, each with what it must give."""

import json
import uuid
from pathlib import Path

import pytest

from tests.flows.reported_case import outcome_of

CASES = sorted((Path(__file__).parent / "reported").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_reported_case_gives_what_its_users_expect(on_sqlite, path):
    case = case_of_its_own(path)
    found = outcome_of(case, on_sqlite)
    assert {name: found.get(name) for name in case["expect"]} == case["expect"], found


def case_of_its_own(path):
    """The case with accounts that no other case has: what one disconnects, the next needs."""
    return json.loads(path.read_text().replace("acct_case", f"acct_{uuid.uuid4().hex[:8]}"))
