"""The baseline of the engine: the same durable writes by hand, in a process of its own.

`python -m bench.bare_loop LEDGER [THREADS URL] < ids`: for each id it claims the run, inserts the intent,
notes the effect, and writes the outcome, each in a transaction of its own, with the same driver as Django
uses. With a URL the effect is a call there, and so many threads, each with a connection of its own, share the
ids.
"""

import json
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import requests

from bench import ledger
from stripeflow.triggers import current_sqlite

INPUTS = json.dumps({"url": "https://example.com/hooks/ch_1", "body": "Charge ch_1 was reported."})
OUTPUTS = json.dumps({"status": 200})

CLAIM = "UPDATE bench_barerun SET status = 'running', token = %s WHERE id = %s AND status = 'queued'"
INTENT = "INSERT INTO bench_barestep (run_id, path, status, inputs) VALUES (%s, 'note', 'started', %s)"
OUTCOME = (
    "UPDATE bench_barestep SET status = 'succeeded', outputs = %s WHERE run_id = %s AND status = 'started'"
)

Execute = Callable[[str, tuple[Any, ...]], int]


Act = Callable[[str], object]


def work(run_id: str, write: Execute, act: Act) -> None:
    """One run, as the engine does it, without anything else that the engine does."""
    if not write(CLAIM, (uuid.uuid4().hex, run_id)):
        return
    write(INTENT, (run_id, INPUTS))
    act(run_id)
    write(OUTCOME, (OUTPUTS, run_id))


@contextmanager
def sqlite(url: str) -> Iterator[Execute]:
    # Two libraries must not write one file, and the older one must not write a WAL.
    current_sqlite.use_newer()
    import sqlite3

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
    path, threads, url = (*sys.argv[1:], "1", "")[:3]
    run_ids = json.loads(sys.stdin.readline())
    go = threading.Barrier(int(threads) + 1)
    for number in range(int(threads)):
        arguments = (run_ids[number :: int(threads)], path, url, go)
        threading.Thread(target=_share, args=arguments).start()
    go.wait()
    print("ready", flush=True)
    sys.stdin.readline()
    go.wait()


def _share(run_ids: list[str], path: str, url: str, go: threading.Barrier) -> None:
    database = os.environ["DATABASE_URL"]
    with (sqlite if database.startswith("sqlite") else postgres)(database) as write:
        act = _call(url) if url else partial(ledger.note, path)
        go.wait()
        go.wait()
        for run_id in run_ids:
            work(run_id, write, act)


def _call(url: str) -> Act:
    session = requests.Session()
    session.trust_env = False

    def call(run_id: str) -> None:
        headers = {"Idempotency-Key": run_id}
        session.post(url, data=INPUTS, headers=headers, timeout=60).raise_for_status()

    return call


if __name__ == "__main__":
    main()
