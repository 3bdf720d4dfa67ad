"""Whether every user of the machine can read a file."""

import stat
from pathlib import Path


def is_open(name: str) -> bool:
    """Whether others than owner and group can reach and read the file; False where there is none."""
    path = Path(name)
    try:
        path = path.resolve(strict=True)
        readable = path.is_file() and path.stat().st_mode & stat.S_IROTH
        return bool(readable) and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    except OSError:
        return False
