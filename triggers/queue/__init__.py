"""The seam to the queue: asks a worker to run a task, by a message of ids. See `base` for what a queue is."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction

from stripeflow.triggers.queue.choosing import backend, temporarily

__all__ = [
    "backend",
    "connect",
    "enqueue",
    "enqueue_all",
    "on_commit",
    "temporarily",
    "writes_in_transaction",
]

logger = logging.getLogger(__name__)


def connect() -> None:
    """Have the queue's workers refuse everything but our tasks; called once, when the apps are ready."""
    # Without a queue there are no workers; stripeflow.E002 reports that better than a traceback.
    with suppress(ImproperlyConfigured):
        backend().connect()


def enqueue(task: str, *args: object) -> str:
    """Ask a worker to call the function `task` (dotted path) with `args`, and return the message's id.

    Call it after the commit of what the task reads. A lost message is found by a sweep. Raises whatever the
    queue's client raises.
    """
    return backend().enqueue(task, *args)


def enqueue_all(task: str, many: Sequence[tuple[object, ...]]) -> list[str]:
    """Do `enqueue` for each of the arguments, in one go where the queue can. Raises as that does."""
    return backend().enqueue_all(task, many)


def on_commit(notify: Callable[[], object]) -> None:
    """Call `notify`, which enqueues, with the commit of the current transaction; log a queue that is down.

    If the queue is a table of the same database, its row is written in this transaction, and costs no
    commit of its own.
    """
    if not (writes_in_transaction() and transaction.get_connection().in_atomic_block):
        # Robust: a queue that is down must not turn a stored event into an error.
        transaction.on_commit(notify, robust=True)
        return
    try:
        notify()
    except DatabaseError:  # the error is the transaction's own
        raise
    except Exception:
        logger.exception("triggers.queue.notify_failed")


def writes_in_transaction() -> bool:
    """Whether messages are rows of our own database, which the current transaction writes."""
    return backend().writes_in_transaction
