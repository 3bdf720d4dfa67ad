"""The seam to the queue: a ring wakes a worker for one run. A lost ring only delays (see `due`)."""

from uuid import UUID

from stripeflow.triggers import queue
from stripeflow.triggers.queue import enqueue

EXECUTE_TASK = "stripeflow.workflows.tasks.execute"


def ring(run_id: UUID) -> None:
    """Ask a worker to look at the run. Raises whatever the queue's broker raises."""
    enqueue(EXECUTE_TASK, str(run_id))


def ring_on_commit(run_id: UUID) -> None:
    """Ring with the commit of the transaction; a queue that is down is logged, and rung again later."""
    # A function, since Django cannot name a failing `partial` in its log, and raises instead.
    queue.on_commit(lambda: ring(run_id))
