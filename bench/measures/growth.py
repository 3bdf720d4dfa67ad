"""(5) What an event and a run cost as rows grow, on disk: timed, counted, and by the plans of statements."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from django.db import connection

from bench import cpu, data, plans, rows, storage
from bench.figures import Figure, of
from bench.old_rows import OldRows, accepted
from bench.session import Session

NAME = "growth"
LEAST = 0.9
# The number of old rows that the aim is about; more are timed too.
AIM_AT = 10**5
DUE_EVENTS = 5
# Short turns, so that what else the machine does meets both sides alike.
TURNS_A_ROUND = 5
# What of the database's size is worth a line.
LEAST_SHARE = 0.01


@dataclass
class Timed:
    """What was seen at one number of old rows: one entry a turn, for one event and its run."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    accept_cpu: list[float] = field(default_factory=list)
    run_cpu: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)

    @property
    def relative(self) -> list[float]:
        """Our rate as a share of the bare rows' of the same moment, turn by turn."""
        return [bare / ours for ours, bare in zip(self.ours, self.bare, strict=True)]


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    sizes = [10, 100, 1000] if session.quick else _sizes(session.rows)
    old = OldRows(session, NAME, most=sizes[-1])
    timed, counts = {}, []
    for size in sizes:
        old.grow(size)
        timed[size] = _timed(session)
        counts.append(_statements(session))
    session.check(f"{NAME}: different counts of statements", len({tuple(found) for found in counts}), 1)
    kept = storage.sizes()
    rows.empty()
    data.empty()
    return [*_figures(timed, counts[-1]), *_kept(kept, sizes[-1])]


def _sizes(largest: int) -> list[int]:
    return [size for size in (10**3, 10**4, 10**5) if size < largest] + [largest]


def _timed(session: Session) -> Timed:
    """Our time and the bare rows', in turns; the first turn of each warms up and does not count."""
    count = session.size(quick=2, full=25)
    turns = session.rounds * session.size(quick=1, full=TURNS_A_ROUND)
    _our_turn(Timed(), count)
    _bare_turn(Timed(), count)
    found = Timed()
    for _number in range(turns):
        for turn in session.shuffled(_TURNS):
            _TURNS[turn](found, count)
    return found


def _our_turn(found: Timed, count: int) -> None:
    """Events, each accepted, matched and run to its end in this process; its message goes to the broker."""
    from stripeflow.workflows.engine.execution import execute

    accept_cpu = run_cpu = 0.0
    began, written, read = time.perf_counter(), storage.written(), storage.read()
    for _number in range(count):
        first = cpu.seconds()
        event = accepted()
        run = rows.event_run(event)
        second = cpu.seconds()
        execute(run.pk)
        accept_cpu += second - first
        run_cpu += cpu.seconds() - second
    found.ours.append((time.perf_counter() - began) / count)
    found.accept_cpu.append(accept_cpu / count)
    found.run_cpu.append(run_cpu / count)
    found.written.append((storage.written() - written) / count)
    found.read.append((storage.read() - read) / count)


def _bare_turn(found: Timed, count: int) -> None:
    began = time.perf_counter()
    for _number in range(count):
        _bare()
    found.bare.append((time.perf_counter() - began) / count)


_TURNS: dict[str, Callable[[Timed, int], None]] = {"ours": _our_turn, "bare": _bare_turn}


def _bare() -> None:
    from bench.models import BareEvent, BareRun, BareStep

    payload = data.event()
    BareEvent.objects.create(external_id=payload["id"], payload=payload)
    run = BareRun.objects.create()
    BareRun.objects.filter(pk=run.pk, status="queued").update(status="running", token=uuid.uuid4())
    step = BareStep.objects.create(run=run, path="note", status="started", inputs=payload)
    BareStep.objects.filter(pk=step.pk).update(status="succeeded", outputs=payload)


def _one() -> None:
    from stripeflow.workflows.engine.execution import execute

    execute(rows.event_run(accepted()).pk)


def _statements(session: Session) -> list[int]:
    """How many statements an event with its run, and a sweep, take; none may read a whole table."""
    from stripeflow.workflows.limits import switch
    from stripeflow.workflows.worker.draining import drain
    from stripeflow.workflows.worker.due import look_around, notify_due

    # Read every two seconds: here always, so that the count is the same each time.
    switch.forget()
    with plans.watched() as event:
        _one()
    for _number in range(DUE_EVENTS):
        _waiting_event()
    with plans.watched() as sweep:
        notify_due()
    # Beats and the like come every few seconds only: their plans count, their number does not.
    with plans.watched() as round_:
        drain(since=time.monotonic())
        look_around()
    scans = event.scans() + sweep.scans() + round_.scans()
    # PostgreSQL rightly reads all rows of a small table at once. SQLite does not look at their number.
    if not session.quick or connection.vendor == "sqlite":
        for line in scans:
            print(f"    whole table: {line}", flush=True)
        session.check(f"{NAME}: statements that read a whole table", len(scans), 0)
    return [len(event.statements), len(sweep.statements)]


def _waiting_event() -> None:
    from stripeflow.workflows.models import Run

    Run.objects.filter(event=accepted()).update(rung_at=None)


def _figures(timed: dict[int, Timed], counts: list[int]) -> list[Figure]:
    sizes = list(timed)
    return [
        *(figure for size in sizes for figure in _at(size, timed[size])),
        *(_compared(timed, sizes[0], size, aim_at=min(AIM_AT, sizes[-1])) for size in sizes[1:]),
        of(NAME, f"statements for an event and its run, at {sizes[-1]} rows too", counts[:1], ""),
        of(NAME, f"statements for a sweep of {DUE_EVENTS} due runs, at {sizes[-1]} rows too", counts[1:], ""),
    ]


def _at(size: int, seen: Timed) -> list[Figure]:
    return [
        of(NAME, f"rate at {size} rows", [1 / seconds for seconds in seen.ours], "1/s"),
        of(NAME, f"rate at {size} rows / bare rows", seen.relative, "×"),
        of(NAME, f"CPU at {size} rows, event", [1000 * seconds for seconds in seen.accept_cpu], "ms"),
        of(NAME, f"CPU at {size} rows, run", [1000 * seconds for seconds in seen.run_cpu], "ms"),
        of(NAME, f"written at {size} rows, event and run", [count / 1000 for count in seen.written], "kB"),
        of(NAME, f"read at {size} rows, event and run", [count / 1000 for count in seen.read], "kB"),
    ]


def _compared(timed: dict[int, Timed], first: int, size: int, *, aim_at: int) -> Figure:
    """The medians compared: turns of different moments have nothing to do with each other."""
    share = median(timed[size].relative) / median(timed[first].relative)
    least = LEAST if size == aim_at else None
    return of(NAME, f"of the rate at {first} rows, at {size}", [share], "×", least=least)


def _kept(kept: dict[str, int], count: int) -> list[Figure]:
    """What the database takes, for each event with its run and step."""
    whole = sum(kept.values())
    large = {name: kept[name] for name in sorted(kept, key=lambda name: -kept[name])}
    large = {name: size for name, size in large.items() if size >= LEAST_SHARE * whole}
    shown = {"the database": whole, **large, "all that is smaller": whole - sum(large.values())}
    return [of(NAME, f"size per event and run: {name}", [size / count], "B") for name, size in shown.items()]
