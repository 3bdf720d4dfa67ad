"""(5) What an event and a run cost as rows grow, on disk: timed, counted, and by the plans of statements."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection

from bench import cpu, data, plans, rows, storage
from bench.figures import Figure, of
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
    pattern = _finished_event()
    sizes = [10, 100, 1000] if session.quick else _sizes(session.rows)
    filled, timed, counts = 0, {}, []
    for size in sizes:
        filled = fill(session, pattern, filled, size, of=sizes[-1])
        timed[size] = _timed(session)
        counts.append(_statements(session))
    session.check(f"{NAME}: different counts of statements", len({tuple(found) for found in counts}), 1)
    kept = storage.sizes()
    data.empty()
    return [*_figures(timed, counts[-1]), *_kept(kept, sizes[-1])]


def _sizes(largest: int) -> list[int]:
    return [size for size in (10**3, 10**4, 10**5) if size < largest] + [largest]


def _finished_event() -> Any:
    """The event that all old ones are copies of; its run has ended."""
    from stripeflow.workflows.engine.execution import execute

    event = _accepted()
    execute(rows.event_run(event).pk)
    event.refresh_from_db()
    return event


def _accepted() -> Any:
    from stripeflow.triggers import inbox

    payload = data.event()
    return inbox.accept_stripe(payload, raw_body=json.dumps(payload, indent=2), mirror=False).event


def fill(session: Session, pattern: Any, filled: int, size: int, *, of: int) -> int:
    """Bring the number of old events to `size`, and take away what the measure itself made since."""
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    began = time.monotonic()
    remove_new(pattern, filled)
    rows.fill(pattern, first=filled + 1, last=size, of=of)
    for model in (Event, Run, StepRun):
        session.check(f"{NAME}: {model.__name__} rows", model._default_manager.count(), size + 1)
    print(f"    {size} rows, filled in {time.monotonic() - began:.1f} s", flush=True)
    return size


def remove_new(pattern: Any, filled: int) -> None:
    """Remove events that are neither the pattern nor one of its `filled` copies, with their runs."""
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    copies = (rows.BEFORE, rows.BEFORE + filled)
    new = Event.objects.exclude(pk=pattern.pk).exclude(pk__range=copies)
    StepRun.objects.filter(run__event__in=new).delete()
    Run.objects.filter(event__in=new).delete()
    new.delete()


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
        event = _accepted()
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

    execute(rows.event_run(_accepted()).pk)


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

    Run.objects.filter(event=_accepted()).update(rung_at=None)


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
