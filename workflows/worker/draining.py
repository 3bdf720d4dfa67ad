"""Executes the runs that wait, so that one wake-up of a worker serves many of them.

A message costs the queue more than a run costs the engine. Each run is claimed as usual; messages of runs
that were done here find nothing to do.

The accounts take turns. In a long queue the run that a message names mostly belongs to the busiest account.
So while more waits than a worker can execute, it takes runs by turns, and a message only wakes it.
"""

import random
import time
from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from stripeflow.triggers.sql import Slot, Statement
from stripeflow.triggers.turns import Turns
from stripeflow.workflows import conf
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.models import Run
from stripeflow.workflows.queue import notify
from stripeflow.workflows.states import RunStatus

# Workers choose at random among the first ones, so that they rarely claim the same run.
_WINDOW = 128
_CHOSEN = 8
# In a long queue an account that has not waited before gets its first turn so much later, at most.
_KNOWN_SECONDS = 0.25
# In a long queue, what is not queued is looked for so often.
_LOOK_SECONDS = 0.1


_is_behind = False
_looked_at = float("-inf")


def work(run_id: UUID, *, since: float) -> None:
    """Execute the run that a message names, or in a long queue the one whose turn it is; then drain."""
    turn = _some_queued(1) if _is_behind else []
    execute(turn[0] if turn else run_id)
    drain(since=since)


def drain(*, since: float) -> int:
    """Execute queued, due and abandoned runs until there are none, or for `DRAIN_SECONDS`, and then notify.

    `since` is when the wake-up began, on the monotonic clock. Returns how many this worker could claim.
    """
    deadline = since + conf.get("DRAIN_SECONDS")
    done = 0
    tried: set[UUID] = set()
    while chosen := waiting(tried):
        for run_id, is_once in chosen:
            # A worker on a long queue is alive, although its beats wait.
            heartbeat.sign()
            if time.monotonic() >= deadline or termination.is_asked():
                leave_rest(run_id)
                return done
            if is_once:
                tried.add(run_id)
            done += execute(run_id) is not None
    note_end()
    return done


class Waiting(NamedTuple):
    """A run to execute next. One that `is_once` is left to the sweep after that, though it be due again."""

    run_id: UUID
    is_once: bool


def waiting(tried: Collection[UUID], most: int = _CHOSEN) -> list[Waiting]:
    """Up to `most` queued runs to execute next, and some of other kinds; those of `tried` only if queued.

    In a long queue the other kinds come several times a second, so that it delays neither retries nor runs
    that lost their worker, whose messages are at its end.
    """
    queued = [Waiting(run_id, is_once=False) for run_id in _some_queued(most)]
    return queued if len(queued) == most and _has_looked() else _some_late(tried) + queued


def _has_looked() -> bool:
    return time.monotonic() < _looked_at + _LOOK_SECONDS


def _some_late(tried: Collection[UUID]) -> list[Waiting]:
    """Runs that are due again, or have lost their worker."""
    global _looked_at
    _looked_at = time.monotonic()
    return [Waiting(run_id, is_once=True) for run_id in _some_abandoned(tried) + _some_due(tried)]


def leave_rest(run_id: UUID) -> None:
    """More waits than this process could execute: notify the others by the first of it."""
    global _is_behind
    _is_behind = True
    notify(run_id)


def note_end() -> None:
    """Nothing waits any more."""
    global _is_behind
    _is_behind = False


def is_behind() -> bool:
    """Whether more waited last time than this process could execute."""
    return _is_behind


def _some_queued(most: int = _CHOSEN) -> list[UUID]:
    return _QUEUED.take(most, at_random=True)


def _some_due(tried: Collection[UUID]) -> list[UUID]:
    return _DUE.take(_CHOSEN, besides=tried, at_random=True, now=timezone.now())


def _some_abandoned(tried: Collection[UUID]) -> list[UUID]:
    """Runs whose lease has expired. The claim decides whether one may be taken."""
    over = [pk for (pk,) in _ABANDONED.rows(now=timezone.now()) if pk not in tried]
    return random.sample(over, min(len(over), _CHOSEN))


def queued(runs: QuerySet[Run]) -> QuerySet[Run]:
    return runs.filter(status=RunStatus.QUEUED)


def due(runs: QuerySet[Run]) -> QuerySet[Run]:
    return runs.filter(status=RunStatus.WAITING, due_at__lte=Slot(Run, "due_at", "now"))


def turns(which: Callable[[QuerySet[Run]], QuerySet[Run]], *, window: int, known_for: float = 0.0) -> Turns:
    """The turns of the waiting runs that `which` selects."""
    return Turns(
        lambda: which(Run.objects.in_turn()),
        oldest=lambda: which(Run.objects.in_work()),
        order="due_at",
        window=window,
        known_for=known_for,
    )


def _abandoned() -> object:
    over = Slot(Run, "lease_expires_at", "now")
    running = Run.objects.in_work().filter(status=RunStatus.RUNNING, lease_expires_at__lt=over)
    return running.order_by("lease_expires_at").values_list("pk")[:_WINDOW]


_QUEUED = turns(queued, window=_WINDOW, known_for=_KNOWN_SECONDS)
_DUE = turns(due, window=_WINDOW)
_ABANDONED = Statement(_abandoned)
