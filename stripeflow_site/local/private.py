"""Files and folders that are for their owner alone: they hold keys, payloads and sessions."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

# What processes may not grant to others for the files that they make.
UMASK = 0o077


def keep_private(folder: Path) -> None:
    """Make the folder, if there is none, and close it and the files in it to others."""
    folder.mkdir(parents=True, exist_ok=True)
    # A folder of somebody else's stays as it is.
    with suppress(PermissionError):
        folder.chmod(0o700)
        for path in folder.glob("*"):
            if path.is_file() and not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)


def append_to(path: Path) -> BinaryIO:
    """Open a file to append to, which is for its owner alone if it is a new one."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
