"""Calls of an action that is not thread-safe: at most one at a time in each process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from stripeflow.actions.base import Action
from stripeflow.workflows import lending
from stripeflow.workflows.definition.plan import StepPlan
from stripeflow.workflows.engine.recording import Stopped
from stripeflow.workflows.states import RunStatus

# A run waits shortly for its turn, since its lease goes on; then it is put off.
WAIT_SECONDS = 0.5
AGAIN_AFTER = timedelta(seconds=1)

_locks: dict[type[Action], threading.Lock] = {}


@contextmanager
def turn_of(action: Action, step: StepPlan) -> Iterator[None]:
    """Around an attempt, from before its intent is written: alone, if the action is not thread-safe.

    Raises `Stopped`, before anything is written, if another call takes too long.
    """
    if action.thread_safe:
        yield
        return
    lock = _locks.setdefault(type(action), threading.Lock())
    # At once first: a turn that is free costs no connection.
    if not lock.acquire(blocking=False) and not _acquired(lock):
        raise Stopped(RunStatus.WAITING, step, None, due_at=timezone.now() + AGAIN_AFTER)
    try:
        yield
    finally:
        lock.release()


def _acquired(lock: threading.Lock) -> bool:
    lending.give_back()
    return lock.acquire(timeout=WAIT_SECONDS)
