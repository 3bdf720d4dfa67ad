"""The tests that are about PostgreSQL alone, in a process of their own whose database it is."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MARK = "@pytest.mark.postgresql"


def files():
    """Each file with such a test, and how many it has."""
    found = {path: path.read_text().count(f"\n{MARK}\n") for path in (ROOT / "tests").rglob("test_*.py")}
    return {str(path): number for path, number in found.items() if number}


def test_all_of_them_pass(postgres_url, tmp_path):
    marked = files()
    assert sum(marked.values()) >= 3
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"DATABASE_URL": postgres_url, "STRIPEFLOW_VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "postgresql"]
    command += ["--no-skips", *marked]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= sum(marked.values())
