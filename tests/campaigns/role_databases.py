"""A database that is built once, and copied for each round of a process."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from django.db import connection


class Copies(Protocol):
    """`keep` once all is built, and `take` a copy of it whenever one is wanted, in any process."""

    def keep(self) -> None: ...

    def take(self) -> None: ...


class OfSqlite:
    """Files in the campaign's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built = folder / "built.sqlite3"

    def keep(self) -> None:
        connection.close()
        shutil.copyfile(connection.settings_dict["NAME"], self._built)

    def take(self) -> None:
        connection.close()
        own = self._folder / f"{os.getpid()}.sqlite3"
        for ending in ("-wal", "-shm", "-journal"):
            own.with_name(own.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self._built, own)
        connection.settings_dict["NAME"] = str(own)


class OfPostgres:
    """Databases of one server, each made from the one that was built."""

    def __init__(self, _folder: Path) -> None:
        self._built = ""

    def keep(self) -> None:
        connection.close()
        self._built = str(connection.settings_dict["NAME"])

    def take(self) -> None:
        connection.close()
        own = f"roles_{os.getpid()}"
        # A database that is copied has nobody in it, and so has that server's own.
        connection.settings_dict["NAME"] = "template1"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{own}"')
            cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{self._built}"')
        connection.close()
        connection.settings_dict["NAME"] = own


copies: dict[str, Callable[[Path], Copies]] = {"sqlite": OfSqlite, "postgres": OfPostgres}
