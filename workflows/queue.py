"""The seam to the queue: a message wakes a worker for one run. A lost message only delays it (see `due`)."""

from collections.abc import Sequence
from uuid import UUID

from stripeflow.triggers import queue
from stripeflow.triggers.queue import enqueue

# The tasks of this app, each a function in `tasks`: a message may ask for nothing else.
EXECUTE = "stripeflow.workflows.tasks.execute"
BEAT = "stripeflow.workflows.tasks.beat"
RECONCILE = "stripeflow.workflows.tasks.reconcile"
ALERT = "stripeflow.workflows.tasks.alert"
ALERT_PAUSED = "stripeflow.workflows.tasks.alert_paused"
ALERT_SILENT = "stripeflow.workflows.tasks.alert_silent"
ALERT_APPROVAL = "stripeflow.workflows.tasks.alert_approval"
ALERT_DESTINATION = "stripeflow.workflows.tasks.alert_destination"
DELIVER = "stripeflow.workflows.tasks.deliver"
TASKS = (
    EXECUTE,
    BEAT,
    RECONCILE,
    ALERT,
    ALERT_PAUSED,
    ALERT_SILENT,
    ALERT_APPROVAL,
    ALERT_DESTINATION,
    DELIVER,
)


def notify(run_id: UUID) -> None:
    """Ask a worker to look at the run. Raises whatever the queue's broker raises."""
    enqueue(EXECUTE, str(run_id))


def notify_all_on_commit(run_ids: Sequence[UUID]) -> None:
    """Do `notify_on_commit` for each, by one message to the queue's broker where it takes several at once."""
    queue.on_commit(lambda: queue.enqueue_all(EXECUTE, [(str(run_id),) for run_id in run_ids]))


def notify_on_commit(run_id: UUID) -> None:
    """Notify with the commit of the transaction. A queue that is down is logged, and notified again later."""
    # A function, since Django cannot name a failing `partial` in its log, and raises instead.
    queue.on_commit(lambda: notify(run_id))
