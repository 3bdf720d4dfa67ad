"""The baseline of the engine: the same durable writes by hand, in a process of its own.

`python -m bench.bare_loop LEDGER < ids`: for each id it claims the run, inserts the intent, notes the
effect, and writes the outcome, each in a transaction of its own, with the same driver as Django uses.
"""

import json
import os
import sqlite3
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import ledger

INPUTS = json.dumps({"url": "https://example.com/hooks/ch_1", "body": "Charge ch_1 was reported."})
OUTPUTS = json.dumps({"status": 200})

CLAIM = "UPDATE bench_barerun SET status = 'running', token = %s WHERE id = %s AND status = 'queued'"
INTENT = "INSERT INTO bench_barestep (run_id, path, status, inputs) VALUES (%s, 'note', 'started', %s)"
OUTCOME = (
    "UPDATE bench_barestep SET status = 'succeeded', outputs = %s WHERE run_id = %s AND status = 'started'"
)

Execute = Callable[[str, tuple[Any, ...]], int]


def work(run_id: str, write: Execute, path: str) -> None:
    """One run, as the engine does it, without anything else that the engine does."""
    if not write(CLAIM, (uuid.uuid4().hex, run_id)):
        return
    write(INTENT, (run_id, INPUTS))
    ledger.note(path, run_id)
    write(OUTCOME, (OUTPUTS, run_id))


@contextmanager
def sqlite(url: str) -> Iterator[Execute]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")

    def write(statement: str, parameters: tuple[Any, ...]) -> int:
        connection.execute("BEGIN IMMEDIATE")
        count = connection.execute(statement.replace("%s", "?"), parameters).rowcount
        connection.execute("COMMIT")
        return count

    yield write
    connection.close()


@contextmanager
def postgres(url: str) -> Iterator[Execute]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda statement, parameters: connection.execute(statement, parameters).rowcount


def main() -> None:
    url = os.environ["DATABASE_URL"]
    opened = sqlite(url) if url.startswith("sqlite") else postgres(url)
    run_ids = json.loads(sys.stdin.readline())
    with opened as write:
        print("ready", flush=True)
        sys.stdin.readline()
        for run_id in run_ids:
            work(run_id, write, sys.argv[1])


if __name__ == "__main__":
    main()
