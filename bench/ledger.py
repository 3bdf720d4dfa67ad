"""What really happened: one line per effect, appended by any process, read by the measure."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Effect:
    """One effect. `at` is in seconds since 1970."""

    at: float
    key: str


def note(path: str, key: str) -> None:
    """Append one line. A short write to a file opened for appending is atomic."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{time.time():.6f} {key}\n".encode())
    finally:
        os.close(handle)


def effects(path: str) -> list[Effect]:
    """Every effect so far, in the order in which they were written."""
    file = Path(path)
    lines = file.read_text().splitlines() if file.exists() else []
    return [Effect(float(at), key) for at, _space, key in (line.partition(" ") for line in lines)]


def clear(path: str) -> None:
    Path(path).write_text("")
