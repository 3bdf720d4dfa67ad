"""Projects that began with an older dj-stripe keep `DJSTRIPE_FOREIGN_KEY_TO_FIELD = "djstripe_id"`."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SETTINGS = "tests.triggers.settings_djstripe_id"
SECONDS = 240


def test_mirror_and_endpoints_work_with_dj_stripes_own_numbers():
    """The field is chosen when dj-stripe's models are imported, so it takes a process of its own."""
    files = [str(FOLDER / f"test_{name}.py") for name in ("mirror", "receivers", "endpoints")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--ds={SETTINGS}", *files]
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "STRIPEFLOW_"))
    }
    done = subprocess.run(command, env=own, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-3000:]
