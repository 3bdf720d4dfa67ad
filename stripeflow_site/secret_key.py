"""The secret key of an installation that was not given one."""

import os
import secrets
from pathlib import Path


def local_secret_key(folder: Path) -> str:
    """Return the key kept in `folder`, made on first use and readable by its owner only."""
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    key = path.read_text().strip()
    if not key:
        raise RuntimeError(f"{path} is empty. Delete it, or set SECRET_KEY in the environment.")
    return key
