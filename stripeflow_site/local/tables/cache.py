"""Template databases: SQLite files with all tables and nobody's rows, kept in the virtual environment.

A template is built under a lock, written aside and renamed, so that there is never half a one, and two that
come at once build one. It is copied to where no database is, and to nowhere else.
"""

import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.utils import timezone

from stripeflow_site.local.private import keep_private
from stripeflow_site.local.tables.key import key_of

# Beside a database, they belong to one that was there.
BESIDE = ("-journal", "-wal", "-shm")
# Nobody reads a template that is not whole, so nothing waits for the disk.
UNSAFE = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"


def default_folder() -> Path | None:
    """In the virtual environment, which is as old as the packages in it; None without one."""
    return Path(sys.prefix) / "stripeflow-templates" if sys.prefix != sys.base_prefix else None


class Templates:
    """The templates in `folder`. `kind` names what they are for; of each kind there is one."""

    def __init__(self, folder: Path, *, kind: str) -> None:
        self.folder = folder
        self.kind = kind

    def copy_to(self, connection: BaseDatabaseWrapper, build: Callable[[], None]) -> Path | None:
        """Give a database that does not exist all tables; returns the template.

        `build` migrates what `connection` leads to, and is called if there is no template yet.
        None, and nothing is done, if the connection is not to a file, or if there is something in its place.
        Raises OSError where files cannot be written.
        """
        if not isinstance(connection, DatabaseWrapper) or connection.is_in_memory_db():
            return None
        target = Path(connection.settings_dict["NAME"])
        if any(Path(f"{target}{end}").exists() for end in ("", *BESIDE)):
            return None
        with self._locked():
            template = self.folder / f"{self.kind}-{key_of(connection)}.sqlite3"
            if not template.exists():
                self._build(template, connection, build)
            _copy(template, target)
        return template

    @contextmanager
    def _locked(self) -> Iterator[None]:
        keep_private(self.folder)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _build(self, template: Path, connection: DatabaseWrapper, build: Callable[[], None]) -> None:
        aside = template.with_suffix(".building")
        aside.unlink(missing_ok=True)
        with _leading_to(connection, aside):
            build()
        _flush(aside)
        for earlier in self.folder.glob(f"{self.kind}-{'?' * 32}.*"):
            if earlier != aside:
                earlier.unlink()
        aside.rename(template)


@contextmanager
def _leading_to(connection: DatabaseWrapper, path: Path) -> Iterator[None]:
    """Let the connection lead to another file, as Django does for tests."""
    names = connection.settings_dict
    before = {"NAME": names["NAME"], "OPTIONS": names["OPTIONS"]}
    connection.close()
    names.update(NAME=str(path), OPTIONS={**names["OPTIONS"], "init_command": UNSAFE})
    try:
        yield
    finally:
        connection.close()
        names.update(before)


def _copy(template: Path, target: Path) -> None:
    """Raises FileExistsError rather than replace a database."""
    aside = target.with_name(f"{target.name}.copy")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as written, template.open("rb") as read:
            shutil.copyfileobj(read, written)
        _say_when(aside)
        _flush(aside)
        os.link(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def _say_when(path: Path) -> None:
    """Its migrations were applied here and now, not when and where the template was built."""
    with closing(sqlite3.connect(path)) as connection, connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'").fetchone():
            now = timezone.now().replace(tzinfo=None).isoformat(" ")
            connection.execute("UPDATE django_migrations SET applied = ?", (now,))


def _flush(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())
