"""Which statements read a whole table of ours, by the database's own plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from bench.rows import tables

# Partial indexes: they hold what waits, and nothing of what has ended.
_SMALL_INDEXES = (
    "stripeflow_run_due",
    "stripeflow_event_match_due",
    "stripeflow_event_mirror_due",
    "stripeflow_event_wakes",
)
_EXPLAINED = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")


@dataclass
class Seen:
    """The statements that were executed, with their parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def scans(self) -> list[str]:
        """The lines of plans that read all rows of a large table."""
        return [line for statement in self.statements for line in _scans(*statement)]


@contextmanager
def watched() -> Iterator[Seen]:
    """Note every statement on the default connection, transaction marks apart."""
    seen = Seen()

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield seen


def _scans(sql: str, parameters: Any) -> list[str]:
    if not sql.startswith(_EXPLAINED):
        return []
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql, parameters)
        lines = [str(row[-1]) for row in cursor.fetchall()]
    return [f"{line.strip()}  <  {sql[:200]}" for line in lines if _reads_all(line)]


def _reads_all(line: str) -> bool:
    if connection.vendor == "sqlite":
        whole = any(f"SCAN {table}" in line for table in tables())
        return whole and not line.endswith(_SMALL_INDEXES)
    return any(f"Seq Scan on {table}" in line for table in tables())
