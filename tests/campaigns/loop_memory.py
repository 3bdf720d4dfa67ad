"""`make loop-memory`: how much memory a run over 10,000 listed items takes, beside one over 100.

`python -m tests.campaigns.loop_memory [many]` prints both, and fails if the run over many items takes more
than `MOST_MEGABYTES` on top of the one over few. Each is a process of its own on an empty SQLite database, in
which the engine takes one run through a list that is read a page at a time. What counts is the peak of its
resident memory.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FEW, MANY = 100, 10_000
# All 10,000 items together would take several times as much.
MOST_MEGABYTES = 12.0
_ROOT = Path(__file__).resolve().parents[2]
# What counts is memory, so a fast folder will do.
_FAST = "/dev/shm"


def main(many: int = MANY) -> int:
    few, whole = (measured(number) for number in (FEW, many))
    for one in (few, whole):
        print("{items:>7,} items: peak {megabytes:.1f} MB, {pages} pages, {seconds:.0f} s".format(**one))
    further = whole["megabytes"] - few["megabytes"]
    print(f"{further:+.1f} MB for {many:,} items (at most {MOST_MEGABYTES:.0f})")
    return 0 if further <= MOST_MEGABYTES else 1


def measured(items: int) -> dict[str, Any]:
    """What a worker says that took a run through so many items."""
    with tempfile.TemporaryDirectory(dir=_FAST if os.path.isdir(_FAST) else None) as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/stripeflow.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.settings_nomigrations",
            "STRIPEFLOW_VAR_DIR": folder,
        }
        command = [sys.executable, "-m", "tests.campaigns.loop_memory_worker", str(items)]
        done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
