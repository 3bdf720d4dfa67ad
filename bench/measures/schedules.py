"""(12) What 1,000 active schedules cost the sweep, which looks at them once a second."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bench import data, rows
from bench.figures import Figure, of
from bench.session import Session

NAME = "schedules"
MOST_MILLISECONDS = 20.0
DAY = timedelta(days=1)
# How many come due at the same moment in one sweep.
TOGETHER = 15


def measure(session: Session) -> list[Figure]:
    many, rounds = session.size(quick=40, full=1_000), session.size(quick=2, full=8)
    data.activate(matching=0)
    first = _fill(many, come=rounds * (1 + TOGETHER))
    idle, alone, together = [], [], []
    for number in range(rounds):
        at = first + timedelta(minutes=number)
        idle.append(_tick(session, at, makes=0))
        _have_due(1, at)
        alone.append(_tick(session, at, makes=1))
        _have_due(TOGETHER, at)
        together.append(_tick(session, at, makes=TOGETHER) / TOGETHER)
    pairs = list(zip(idle, alone, strict=True))
    rows.empty()
    data.activate(matching=0)
    return [
        of(NAME, f"a sweep in which none of {many} is due", idle, "ms"),
        of(NAME, f"a sweep in which one of {many} is due", alone, "ms"),
        of(NAME, f"each of {TOGETHER} that are due at once", together, "ms"),
        of(NAME, f"{many} every hour, a second", _each_second(pairs, many), "ms", most=MOST_MILLISECONDS),
    ]


def _each_second(pairs: Sequence[tuple[float, float]], many: int) -> list[float]:
    """What so many hourly schedules cost a second on average."""
    return [nothing + many / 3600 * (one - nothing) for nothing, one in pairs]


def _fill(many: int, *, come: int) -> datetime:
    """Have so many schedules, of which `come` may come due; returns from when on they may.

    The others are copies of a row, which are never due.
    """
    from stripeflow.workflows.models import Schedule, Workflow
    from stripeflow.workflows.operations import lifecycle
    from stripeflow.workflows.versions.plans import plan_of

    for number in range(come):
        lifecycle.activate(lifecycle.create(_document(f"Schedule {number}")))
    pattern = Schedule.objects.order_by("pk")[0]
    others = Workflow.objects.bulk_create(Workflow(name=f"Copy {number}") for number in range(many - come))
    names = ("version_id", "fingerprint", "next_at", "look_at", "looked_at", "silent_from")
    values = {name: getattr(pattern, name) for name in names}
    Schedule.objects.bulk_create(Schedule(workflow=one, **values) for one in others)
    first = timezone.now() + DAY
    Schedule.objects.update(look_at=first + DAY, next_at=first + DAY)
    rows.gather_statistics()
    # As in a worker that has run for an hour: what a version does is read once in a process.
    for version in Schedule.objects.filter(workflow__active_version__isnull=False).values_list("version"):
        plan_of(*version)
    return first


def _have_due(count: int, at: datetime) -> None:
    """Have so many that never came about come due at this time."""
    from stripeflow.workflows.models import Schedule

    never = Schedule.objects.filter(count=0).order_by("pk").values_list("pk", flat=True)
    Schedule.objects.filter(pk__in=list(never[:count])).update(next_at=at, look_at=at)


def _tick(session: Session, now: datetime, *, makes: int) -> float:
    """The milliseconds of one sweep at this time, which has so many come about."""
    from stripeflow.workflows.worker import ticking

    began = time.perf_counter()
    made = ticking.tick(now)
    took = (time.perf_counter() - began) * 1000
    session.check(f"{NAME}: times that came about", made, makes)
    return took


def _document(name: str) -> dict[str, Any]:
    trigger = {"type": "recurring_schedule", "repeats": "hours", "every": 1}
    scope = {"mode": "test", "accounts": "own"}
    note = data.action("note", "bench.note", {"url": "https://example.com", "body": "An hour has passed."})
    return {**data.document(name, steps=[note]), "trigger": {**trigger, "scope": scope}}
