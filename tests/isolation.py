"""A pytest plugin, loaded before Django's settings: keeps test runs apart from each other and from `var/`.

Each run, and each of its parallel processes, has a folder of its own.
"""

import os
import shutil
import tempfile
from pathlib import Path

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_OWN = "" if _WORKER or "STRIPEFLOW_VAR_DIR" in os.environ else tempfile.mkdtemp(prefix="stripeflow-tests-")

os.environ["STRIPEFLOW_ENV_FILE"] = ""
if _OWN:
    os.environ["STRIPEFLOW_VAR_DIR"] = _OWN
if _WORKER:
    os.environ["STRIPEFLOW_VAR_DIR"] = str(Path(os.environ["STRIPEFLOW_VAR_DIR"]) / _WORKER)


def pytest_unconfigure(config):
    if _OWN:
        shutil.rmtree(_OWN, ignore_errors=True)
