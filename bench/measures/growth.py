"""(5) What an event and a run cost as rows grow: timed to 10⁵ rows, by query plans at 10⁶."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from bench import data, plans, rows
from bench.figures import Figure, of, ratio
from bench.session import Session

NAME = "growth"
LEAST = 0.8
DUE_EVENTS = 5


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    pattern = _finished_event()
    sizes = [10, 100] if session.quick else [10**3, 10**4, 10**5]
    largest = session.size(quick=1000, full=10**6)
    filled, timed, counts = 0, {}, []
    for size in sizes:
        filled = _fill(session, pattern, filled, size)
        timed[size] = _timed(session)
        counts.append(_statements(session))
    _fill(session, pattern, filled, largest)
    counts.append(_statements(session))
    session.check(f"{NAME}: different counts of statements", len({tuple(found) for found in counts}), 1)
    data.empty()
    return _figures(timed, counts[-1], largest)


def _finished_event() -> Any:
    from stripeflow.triggers import inbox
    from stripeflow.workflows.engine.execution import execute

    event = inbox.accept_stripe(data.event(), raw_body="{}", mirror=False).event
    execute(rows.event_run(event).pk)
    event.refresh_from_db()
    return event


def _fill(session: Session, pattern: Any, filled: int, size: int) -> int:
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    # What the measure itself made since; the pattern stays.
    new = Event.objects.exclude(external_id__startswith=rows.PREFIX).exclude(pk=pattern.pk)
    StepRun.objects.filter(run__event__in=new).delete()
    Run.objects.filter(event__in=new).delete()
    new.delete()
    rows.fill(pattern, first=filled + 1, last=size)
    for model in (Event, Run, StepRun):
        session.check(f"{NAME}: {model.__name__} rows", model._default_manager.count(), size + 1)
    return size


def _timed(session: Session) -> dict[str, list[float]]:
    """The rates of this moment, ours and the bare loop's, in alternation."""
    count = session.size(quick=5, full=100)
    found: dict[str, list[float]] = {"ours": [], "bare": []}
    for _number in range(session.rounds):
        for name in session.shuffled(found):
            found[name].append(_rate(_ours if name == "ours" else _bare, count))
    return found


def _rate(call: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _number in range(count):
        call()
    return count / (time.perf_counter() - began)


def _ours() -> None:
    """One event, accepted, matched and run to its end, in this process; its ring goes to the broker."""
    from stripeflow.triggers import inbox
    from stripeflow.workflows.engine.execution import execute

    event = inbox.accept_stripe(data.event(), raw_body="{}", mirror=False).event
    execute(rows.event_run(event).pk)


def _bare() -> None:
    from bench.models import BareEvent, BareRun, BareStep

    payload = data.event()
    BareEvent.objects.create(external_id=payload["id"], payload=payload)
    run = BareRun.objects.create()
    BareRun.objects.filter(pk=run.pk, status="queued").update(status="running", token=uuid.uuid4())
    step = BareStep.objects.create(run=run, path="note", status="started", inputs=payload)
    BareStep.objects.filter(pk=step.pk).update(status="succeeded", outputs=payload)


def _statements(session: Session) -> list[int]:
    """How many statements an event with its run, and the ring, take; none may read a whole table."""
    from stripeflow.workflows.limits import switch
    from stripeflow.workflows.worker.draining import drain
    from stripeflow.workflows.worker.due import look_around, notify_due

    # Read every two seconds: here always, so that the count is the same each time.
    switch.forget()
    with plans.watched() as event:
        _ours()
    for _number in range(DUE_EVENTS):
        _waiting_event()
    with plans.watched() as ring:
        notify_due()
    # Beats and the like come every few seconds only: their plans count, their number does not.
    with plans.watched() as round_:
        drain(since=time.monotonic())
        look_around()
    scans = event.scans() + ring.scans() + round_.scans()
    if not session.quick:  # a database reads all rows of a small table at once, and rightly so
        for line in scans:
            print(f"    whole table: {line}", flush=True)
        session.check(f"{NAME}: statements that read a whole table", len(scans), 0)
    return [len(event.statements), len(ring.statements)]


def _waiting_event() -> None:
    from stripeflow.triggers import inbox
    from stripeflow.workflows.models import Run

    event = inbox.accept_stripe(data.event(), raw_body="{}", mirror=False).event
    Run.objects.filter(event=event).update(rung_at=None)


def _figures(timed: dict[int, dict[str, list[float]]], counts: list[int], largest: int) -> list[Figure]:
    sizes = list(timed)
    relative = {
        size: [ours / bare for ours, bare in zip(rates["ours"], rates["bare"], strict=True)]
        for size, rates in timed.items()
    }
    return [
        *(of(NAME, f"rate at {size} rows", rates["ours"], "1/s") for size, rates in timed.items()),
        *(of(NAME, f"rate at {size} rows / bare rows", relative[size], "×") for size in sizes),
        ratio(
            NAME,
            f"of the rate at {sizes[0]} rows, at {sizes[-1]}",
            relative[sizes[-1]],
            relative[sizes[0]],
            least=LEAST,
        ),
        of(NAME, f"statements for an event and its run, at {largest} rows too", counts[:1], ""),
        of(NAME, f"statements for a ring of {DUE_EVENTS} due runs, at {largest} rows too", counts[1:], ""),
    ]
