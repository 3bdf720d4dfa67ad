"""(11) What an event costs while many runs wait for events of its type, and a sweep in which none came."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from bench import data, rows
from bench.figures import Figure, of
from bench.session import Mismatch, Session

NAME = "awaiting"
MOST_MILLISECONDS = 5.0
WORKFLOW = "Waits for a review"
# How many come between two sweeps.
EVENTS = 10
# A type that runs wait for, and one that none waits for. Both are about a charge.
AWAITED, OTHER = "review.opened", "review.closed"


def measure(session: Session) -> list[Figure]:
    from stripeflow.workflows.models import Run

    many = session.size(quick=50, full=100_000)
    data.activate(matching=0)
    session.check(f"{NAME}: runs that wait", _fill(many), many)
    seen: dict[str, list[float]] = {name: [] for name in _CASES}
    for _round in range(session.size(quick=2, full=15)):
        for name in session.shuffled(_CASES):
            seen[name].append(_CASES[name]())
    session.check(f"{NAME}: runs that still wait", Run.objects.filter(status="waiting").count(), many)
    found = [of(NAME, f"{name}, {many} runs wait", times, "ms") for name, times in seen.items()]
    # The quickest of each: what else the machine does is in the median of the differences.
    more = min(seen[_NOBODY]) - min(seen[_UNKNOWN])
    found.append(Figure(NAME, "an event costs more, at best", more, "ms", most=MOST_MILLISECONDS))
    more = min(seen[_WAKES]) - min(seen[_UNKNOWN])
    found.append(Figure(NAME, "an event that wakes a run costs more, at best", more, "ms"))
    rows.empty()
    data.activate(matching=0)
    return found


def _fill(count: int) -> int:
    """Have so many runs wait, each for a review of a charge of its own; how many do."""
    from stripeflow.triggers import inbox
    from stripeflow.workflows.engine.execution import execute
    from stripeflow.workflows.models import Awaited, Run
    from stripeflow.workflows.operations import lifecycle

    lifecycle.activate(lifecycle.create(_document()))
    time.sleep(1.1)  # an event of the second of its activation starts nothing
    event = inbox.accept_stripe(data.event(), mirror=False).event
    run = rows.event_run(event)
    execute(run.pk)
    name, key = rows.NAME[connection.vendor], rows.UUIDS[connection.vendor]
    rows.fill(event, first=1, last=count - 1, of=count)
    waits = Awaited.objects.get(run=run)
    replaced = {"id": rows.NUMBER, "run_id": key, "object_id": f"'ch_' || {name}"}
    rows.copy(Awaited, replaced, of=("id", [waits.pk]), last=count - 1)
    Awaited.objects.update(looked_at=timezone.now())
    rows.gather_statistics()
    return Run.objects.filter(status="waiting", awaited__isnull=False).count()


def _document() -> dict[str, Any]:
    inputs = {"event": AWAITED, "same_as": "charge", "amount": 30, "unit": "days"}
    lanes = [
        {"key": "event", "name": "", "steps": []},
        {"key": "timeout", "name": "", "otherwise": True, "steps": []},
    ]
    wait = {"key": "wait", "type": "wait_for_event", "name": "", "inputs": inputs, "branches": lanes}
    return data.document(WORKFLOW, steps=[wait])


def _accepted(event_type: str, charge: str) -> float:
    """The milliseconds of taking some events in, and of the sweep after them, for each of them."""
    from stripeflow.triggers import inbox
    from stripeflow.workflows.awaiting import telling

    about = {"object": {"id": "prv_bench", "object": "review", "charge": charge}}
    some = [{**data.event(), "type": event_type, "data": about} for _number in range(EVENTS)]

    def work() -> None:
        for came in some:
            inbox.accept_stripe(came, mirror=False)
        telling.sweep()

    return _timed(work) / EVENTS


def _wakes() -> float:
    """The same for an event that one run waits for, which then waits on."""
    from stripeflow.workflows.models import Awaited, AwaitedEvent, Run

    waits = Awaited.objects.order_by("pk")[0]
    runs = Run.objects.filter(pk=waits.run_id)
    due = runs.get().due_at
    took = _accepted(AWAITED, waits.object_id)
    if not runs.filter(due_at__lt=due).update(due_at=due):
        raise Mismatch(f"{NAME}: the run was not woken")
    AwaitedEvent.objects.all().delete()
    return took


def _idle() -> float:
    from stripeflow.workflows.awaiting import telling

    return _timed(telling.sweep)


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


_UNKNOWN = "an event of a type that nobody waits for"
_NOBODY = "an event of an object that nobody waits for"
_WAKES = "an event that wakes a run"
_CASES: dict[str, Callable[[], float]] = {
    "a sweep without an event": _idle,
    _UNKNOWN: lambda: _accepted(OTHER, "ch_of_nobody"),
    _NOBODY: lambda: _accepted(AWAITED, "ch_of_nobody"),
    _WAKES: _wakes,
}
