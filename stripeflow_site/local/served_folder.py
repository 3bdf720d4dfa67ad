"""The folder of `make serve`: one installation at a time, and the settings for commands against it."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOCK, SETTINGS = "serve.lock", "serve.env"


class FolderTaken(RuntimeError):
    """Another installation is served from this folder; the message says by which process."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep the folder for this process. The lock ends with it, however it ends. Raises `FolderTaken`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise FolderTaken(
                f"{folder} is served already, by process {lock.read().strip()}. "
                "End that one first, or choose others: FOLDER=var2 PORT=8001 STANDIN_PORT=12112."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def settings_file(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Write the variables where `STRIPEFLOW_ENV_FILE` can name them, for the owner's eyes, until the end."""
    path = folder / SETTINGS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.writelines(f"{name}={value}\n" for name, value in variables.items())
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
