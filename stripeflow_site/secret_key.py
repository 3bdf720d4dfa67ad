"""Secrets that an installation makes for itself, each kept in a file that only its owner may read."""

import os
import secrets
from pathlib import Path


def local_secret_key(folder: Path) -> str:
    """The secret key of an installation that was not given one, kept in `folder`."""
    path = folder / "secret_key"
    key = kept_secret(path)
    if not key:
        raise RuntimeError(f"{path} is empty. Delete it, or set SECRET_KEY in the environment.")
    return key


def kept_secret(path: Path, *, random_bytes: int = 64) -> str:
    """The secret in the file, made on first use."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(random_bytes))
    return path.read_text().strip()
