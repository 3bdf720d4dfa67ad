"""(9) SQLite's journals, one beside the other in the same run: WAL, and the rollback journal.

Only where both are safe, which needs a current SQLite (`requirements-sqlite.txt`). All other measures use the
journal of the installation.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, connections

from bench import data, processes, storage
from bench.figures import Figure, of, ratio
from bench.load import burst
from bench.measures import runs, slow
from bench.session import Session
from stripeflow.triggers import current_sqlite

NAME = "journal"
WAL, ROLLBACK = "WAL", "DELETE"
CONNECTIONS = 32
LATENCY = 300

Rates = dict[str, float]


def measure(session: Session) -> list[Figure]:
    """No figures on PostgreSQL, and with a SQLite that WAL may damage."""
    if connection.vendor != "sqlite" or current_sqlite.version() < current_sqlite.FIRST_SAFE_WAL:
        return []
    found: dict[str, list[Rates]] = {WAL: [], ROLLBACK: []}
    with processes.slow_server(session.folder, settings.BENCH_LEDGER) as port:
        for _number in range(session.rounds):
            for journal in session.shuffled(found):
                with _using(journal):
                    session.check(f"{NAME}: {journal} is used", int(storage.journal() == journal), 1)
                    found[journal].append(_rates(session, port))
    return _figures(found)


@contextmanager
def _using(journal: str) -> Iterator[None]:
    """Have this process, and those that it starts, use this journal. Nobody else has the database open."""
    options = connection.settings_dict["OPTIONS"]
    before, command = os.environ.get("SQLITE_JOURNAL", ""), options["init_command"]
    try:
        os.environ["SQLITE_JOURNAL"] = journal
        options["init_command"] = re.sub(r"journal_mode=\w+", f"journal_mode={journal}", command)
        connections.close_all()
        yield
    finally:
        os.environ["SQLITE_JOURNAL"], options["init_command"] = before, command
        connections.close_all()


def _rates(session: Session, port: int) -> Rates:
    count = session.size(quick=8, full=200)
    rates = {"commits of one row, 1 process": _commits(session.size(quick=8, full=1000))}
    rates["bare loop, 2 processes"] = runs.bare(session, count)
    rates["backlog, action at once"] = runs.drain_one(session, count)
    rates[f"backlog, {LATENCY} ms"] = slow.backlog(session, slow.one_call(port, str(LATENCY)), count).rate
    return rates | _acknowledged(session, count)


def _commits(count: int) -> float:
    from bench.models import BareEvent

    payloads = [data.event() for _number in range(count)]
    began = time.perf_counter()
    for payload in payloads:
        BareEvent.objects.create(external_id=payload["id"], payload=payload)
    return count / (time.perf_counter() - began)


def _acknowledged(session: Session, count: int) -> Rates:
    from stripeflow.triggers.models import Event

    data.activate(matching=1)
    with processes.web(session.folder) as web:
        paths = {"bare view": "/bare/", "webhooks": f"/stripe/webhook/{data.ENDPOINT}/"}
        for path in paths.values():
            burst(web.port, data.requests(path, CONNECTIONS), connections=CONNECTIONS)
        data.empty()
        rates = {
            f"{name}, {CONNECTIONS} in flight": _burst(web.port, path, count) for name, path in paths.items()
        }
    session.check(f"{NAME}: events", Event.objects.count(), count)
    return rates


def _burst(port: int, path: str, count: int) -> float:
    return burst(port, data.requests(path, count), connections=CONNECTIONS).rate


def _figures(found: dict[str, list[Rates]]) -> list[Figure]:
    rates = {
        journal: {name: [one[name] for one in rounds] for name in rounds[0]}
        for journal, rounds in found.items()
    }
    wal, rollback = rates[WAL], rates[ROLLBACK]
    return [
        *(
            of(NAME, f"{name}, {journal}", values, "1/s")
            for journal, named in rates.items()
            for name, values in named.items()
        ),
        *(ratio(NAME, f"{name}: {WAL} / {ROLLBACK}", wal[name], rollback[name]) for name in wal),
    ]
