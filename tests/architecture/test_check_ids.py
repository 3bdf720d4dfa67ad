"""The ids of the system checks, by which a project silences one of them."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r'id="(stripeflow\.[EW]\d{3})"')


def _modules_by_id() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for package in ("actions", "triggers", "workflows", "stripeflow_site"):
        for path in (ROOT / package).rglob("*.py"):
            for check in ID.findall(path.read_text()):
                found[check].add(str(path.relative_to(ROOT)))
    return found


def test_an_id_belongs_to_one_module():
    modules = _modules_by_id()
    assert len(modules) > 20
    assert {check: names for check, names in modules.items() if len(names) > 1} == {}
