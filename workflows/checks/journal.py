"""System checks of SQLite and its journal: stripeflow.W015 and I001."""

import re
from collections.abc import Iterator

from django.core.checks import CheckMessage, Info, Warning, register
from django.db import connections

from stripeflow.triggers.current_sqlite import FIRST_SAFE_WAL

# A host that installs the package alone goes on with the SQLite of its Python.
_NEWER = (
    "install “stripeflow[sqlite]”, and call stripeflow.triggers.current_sqlite.use_newer() at the top of"
    " the settings (docs/install.md)"
)
_JOURNAL = re.compile(r"journal_mode\s*=\s*(\w+)", re.IGNORECASE)


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_wal, "stripeflow")
    register(say_journal, "stripeflow", deploy=True)


def check_wal(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W015: WAL with a SQLite that may damage the database."""
    return [
        Warning(
            f"SQLite {_text(version)} may damage the database “{alias}” in WAL mode.",
            hint=f"Set the journal to DELETE, or {_NEWER}.",
            id="stripeflow.W015",
        )
        for alias, version, journal in _databases()
        if journal == "WAL" and version < FIRST_SAFE_WAL
    ]


def say_journal(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """I001: which SQLite is in use, and with which journal."""
    return [
        Info(
            f"The database “{alias}” uses SQLite {_text(version)} with the journal {journal}.",
            hint=None if version >= FIRST_SAFE_WAL else f"For WAL, with several times the commits: {_NEWER}.",
            id="stripeflow.I001",
        )
        for alias, version, journal in _databases()
    ]


def _databases() -> Iterator[tuple[str, tuple[int, ...], str]]:
    """The alias of each SQLite database, its library's version, and its journal as the settings have it."""
    for alias in connections:
        connection = connections[alias]
        if connection.vendor == "sqlite":
            command = str(connection.settings_dict["OPTIONS"].get("init_command", ""))
            found = _JOURNAL.search(command)
            # SQLite's own default; a file may have been set to WAL by others, which no setting tells.
            journal = found[1].upper() if found else "DELETE"
            library = connection.Database  # type: ignore[attr-defined]  # not in the stubs
            yield alias, library.sqlite_version_info, journal


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
