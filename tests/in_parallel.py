"""Which tests of a parallel run go to one process, since they share what takes long to make."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def scope_of(nodeid: str) -> str:
    """Tests of one scope run in one process.

    Those of one live installation are one scope, those of a module or a package with a fixture for all of it
    another, one for each database; each other test is its own scope, so that no process waits for another.
    """
    if installation := re.match(r"tests/flows/.*\[(sqlite|postgres|valkey|restored)\b", nodeid):
        return installation[1]
    path = nodeid.partition("::")[0]
    folder = path.rpartition("/")[0]
    if _has_fixture(f"{folder}/conftest.py", "package"):
        return folder
    if _has_fixture(path, "module"):
        database = re.search(r"\[(sqlite|postgresql)\b", nodeid)
        return f"{path} {database[1]}" if database else path
    return nodeid


@cache
def _has_fixture(path: str, scope: str) -> bool:
    source = ROOT / path
    return source.exists() and f'scope="{scope}"' in source.read_text()
