"""Runs mypy over our code, with the directories at the top under the names that they are imported by."""

import os
import sys
import tempfile
from pathlib import Path

from mypy.main import main

ROOT = Path(__file__).resolve().parent.parent
APPS = ("actions", "triggers", "workflows")
# mypy follows no mapping of packages to directories: it gets a folder of links.
LINKS = ROOT / ".mypy_cache" / "links"
CHECKED = ["stripeflow", "stripeflow_site", "bench"]


def link() -> None:
    """Make `stripeflow/actions` and so on below `LINKS`."""
    folder = LINKS / "stripeflow"
    folder.mkdir(parents=True, exist_ok=True)
    for app in APPS:
        if not (folder / app).is_symlink():
            (folder / app).symlink_to(ROOT / app, target_is_directory=True)


if __name__ == "__main__":
    link()
    # The plugin for Django sets the site up, which neither reads a file of secrets nor writes into `var`.
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "STRIPEFLOW_ENV_FILE": "",
            "STRIPEFLOW_VAR_DIR": folder,
            "MYPYPATH": f"{LINKS}{os.pathsep}{ROOT}",
        }
        os.chdir(ROOT)
        sys.path.insert(0, str(ROOT))
        packages = [word for package in CHECKED for word in ("--package", package)]
        main(args=[*packages, *sys.argv[1:]])
