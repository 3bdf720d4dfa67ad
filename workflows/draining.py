"""Working off the runs that wait, so that one wake-up of a worker serves many of them.

A message costs the queue more than a run costs the engine. Each run is claimed as ever: the messages of
those that are done here find nothing to do.
"""

import random
import time
from uuid import UUID

from django.utils import timezone

from triggers.statements import Slot, Statement
from workflows import conf, heartbeat, termination
from workflows.engine.execution import execute
from workflows.models import Run
from workflows.queue import ring
from workflows.states import RunStatus

# Workers choose at random among the first ones, so that they seldom reach for the same run.
_WINDOW = 64
_CHOSEN = 8


def drain(*, since: float) -> int:
    """Execute queued, due and abandoned runs until there are none, or for `DRAIN_SECONDS`, and then ring.

    `since` is when the wake-up began, on the monotonic clock. Returns how many this worker could claim.
    """
    deadline = since + conf.get("DRAIN_SECONDS")
    done = 0
    waited: set[UUID] = set()
    # All of them each time: a long queue keeps neither retries waiting, nor what lost its worker, whose rings
    # are at its end.
    while chosen := _some_abandoned(waited) + _some_due(waited) + _some_queued():
        for run_id in chosen:
            # Whoever works on a long queue is alive, although its beats wait.
            heartbeat.sign()
            if time.monotonic() >= deadline or termination.is_asked():
                ring(run_id)
                return done
            done += execute(run_id) is not None
    return done


def _some_queued() -> list[UUID]:
    first = [pk for (pk,) in _QUEUED.rows()]
    return random.sample(first, min(len(first), _CHOSEN))


def _some_due(seen: set[UUID]) -> list[UUID]:
    """Waiting runs whose time has come. Each once: one that is due again at once is left to the ring."""
    return _each_once(_DUE.rows(now=timezone.now()), seen)


def _some_abandoned(seen: set[UUID]) -> list[UUID]:
    """Runs whose lease is over. Whether one may be taken is for the claim to say."""
    return _each_once(_ABANDONED.rows(now=timezone.now()), seen)


def _each_once(rows: list[tuple[UUID]], seen: set[UUID]) -> list[UUID]:
    due = [pk for (pk,) in rows if pk not in seen]
    chosen = random.sample(due, min(len(due), _CHOSEN))
    seen.update(chosen)
    return chosen


def _queued() -> object:
    return (
        Run.objects.in_work().filter(status=RunStatus.QUEUED).order_by("due_at").values_list("pk")[:_WINDOW]
    )


def _due() -> object:
    waiting = Run.objects.in_work().filter(status=RunStatus.WAITING, due_at__lte=Slot(Run, "due_at", "now"))
    return waiting.order_by("due_at").values_list("pk")[:_WINDOW]


def _abandoned() -> object:
    over = Slot(Run, "lease_expires_at", "now")
    running = Run.objects.in_work().filter(status=RunStatus.RUNNING, lease_expires_at__lt=over)
    return running.order_by("lease_expires_at").values_list("pk")[:_WINDOW]


_QUEUED, _DUE, _ABANDONED = Statement(_queued), Statement(_due), Statement(_abandoned)
