"""Secrets that an installation makes for itself, each kept in a file that only its owner may read."""

import os
import secrets
from pathlib import Path


def local_secret_key(folder: Path) -> str:
    """The secret key of an installation that was not given one, kept in `folder`."""
    return _kept_key(folder / "secret_key", variable="SECRET_KEY", random_bytes=64)


def local_secrets_key(folder: Path) -> str:
    """The key that encrypts secrets in the database, of an installation that was not given one."""
    return _kept_key(folder / "secrets_key", variable="STRIPEFLOW_SECRET_KEYS", random_bytes=32)


def _kept_key(path: Path, *, variable: str, random_bytes: int) -> str:
    key = kept_secret(path, random_bytes=random_bytes)
    if not key:
        raise RuntimeError(f"{path} is empty. Delete it, or set {variable} in the environment.")
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
