"""Named points at which a process can die, found by watching its database connection.

Nothing in the product knows of them: every write and every commit is a point, before and after it, and
the campaign adds what it stands in for (the queue, the outside).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

# Two changes in one statement are named for the first.
_WRITE = re.compile(
    r"\s*(?:WITH (?:.*?\s)?one AS \()?(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE
)


class Died(BaseException):
    """The process is gone: no `except Exception` of the product sees it."""


def closing(work: Callable[[], None]) -> Callable[[], None]:
    """`work` for a thread of its own, which closes its connection at the end."""

    def done() -> None:
        try:
            work()
        finally:
            connection.close()

    return done


class Points:
    """Counts the points that are passed, and dies at the one numbered `die_at` (from 1)."""

    def __init__(self, die_at: int | None = None) -> None:
        self.die_at = die_at
        self.names: list[str] = []
        # The number of the last point at which the lasting state was still the one before each change.
        self.last_of_state: list[int] = []
        self.dead = False

    def reach(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.die_at:
            self.dead = True
            raise Died(name)

    def changed(self) -> None:
        """Say that something lasting has happened since the last point."""
        self.last_of_state.append(len(self.names))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Pass the points of this thread's connection; afterwards nothing of a dead process is left."""
        commit = connection._commit
        connection._commit = lambda: self._commit(commit)
        try:
            with connection.execute_wrapper(self._execute):
                yield
        except Died:
            # As the server sees it: the client is gone, and with it what it had not committed.
            connection.close()
        finally:
            connection._commit = commit

    def _execute(self, execute, sql, params, many, context):
        if self.dead:
            raise Died("after its death")
        found = _WRITE.match(sql)
        if not found:
            return execute(sql, params, many, context)
        name = f"{found[1].split()[0].upper()} {found[2].removeprefix('stripeflow_')}"
        self.reach(f"before {name}")
        result = execute(sql, params, many, context)
        if not connection.in_atomic_block:
            self.changed()
        self.reach(f"after {name}")
        return result

    def _commit(self, commit) -> None:
        if self.dead:
            raise Died("after its death")
        try:
            self.reach("before COMMIT")
        except Died:
            connection._rollback()
            raise
        commit()
        self.changed()
        self.reach("after COMMIT")
