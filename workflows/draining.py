"""Working off the runs that wait, so that one wake-up of a worker serves many of them.

A message costs the queue more than a run costs the engine. Each run is claimed as ever: the messages of
those that are done here find nothing to do.
"""

import random
import time
from uuid import UUID

from workflows import conf, heartbeat
from workflows.engine.execution import execute
from workflows.models import Run
from workflows.queue import ring
from workflows.states import RunStatus

# Workers choose at random among the first ones, so that they seldom reach for the same run.
_WINDOW = 64
_CHOSEN = 8


def drain(*, since: float) -> int:
    """Execute queued runs until there are none, or `DRAIN_SECONDS` after `since`, then ring for the rest.

    `since` is when the wake-up began, on the monotonic clock. Returns how many this worker could claim.
    """
    deadline = since + conf.get("DRAIN_SECONDS")
    done = 0
    while chosen := _some_queued():
        # Whoever works on a long queue is alive, although its beats wait.
        heartbeat.sign()
        for run_id in chosen:
            if time.monotonic() >= deadline:
                ring(run_id)
                return done
            done += execute(run_id) is not None
    return done


def _some_queued() -> list[UUID]:
    queued = Run.objects.in_work().filter(status=RunStatus.QUEUED).order_by("due_at")
    first = list(queued.values_list("pk", flat=True)[:_WINDOW])
    return random.sample(first, min(len(first), _CHOSEN))
