"""The functions that the queue calls: ids in, and straight to the engine."""

import time
from uuid import UUID

from stripeflow.triggers.redaction import redacting
from stripeflow.workflows.alerts import pauses, runs, silent_schedules
from stripeflow.workflows.approvals import mailing
from stripeflow.workflows.destinations import telling
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.worker import delivering, dispatching, reconciling


@redacting
def execute(run_id: str) -> None:
    """Execute the run as far as it goes, unless another worker has it, and then others that wait."""
    # A long queue delays the beats, so each task is a sign of life as well.
    heartbeat.sign()
    began = time.monotonic()
    with termination.deferred():
        dispatching.work(UUID(run_id), since=began)


@redacting
def beat() -> None:
    """Record that a worker of the cluster took a message from the queue."""
    heartbeat.write(heartbeat.CLUSTER)
    dispatching.leave_if_stuck()


@redacting
def reconcile(name: str = "", begin: int | None = None) -> None:
    """Accept the events that Stripe has but never delivered; see `reconciling.work`."""
    reconciling.work(name, begin)


@redacting
def alert(run_id: str) -> None:
    """Report a run that ended outside of a worker."""
    with termination.deferred():
        runs.run_ended(UUID(run_id))


@redacting
def alert_paused(workflow_id: int) -> None:
    """Tell the owner of a workflow that it was paused."""
    with termination.deferred():
        pauses.workflow_paused(workflow_id)


@redacting
def alert_silent(workflow_id: int) -> None:
    """Tell the owner of a workflow that its schedule starts nothing."""
    with termination.deferred():
        silent_schedules.schedule_silent(workflow_id)


@redacting
def alert_approval(approval_id: int) -> None:
    """Tell the people who may decide on an approval that it waits."""
    with termination.deferred():
        mailing.tell(approval_id)


@redacting
def alert_destination(destination_id: int) -> None:
    """Tell people that an event destination was disabled."""
    with termination.deferred():
        telling.destination_disabled(destination_id)


@redacting
def deliver() -> None:
    """Send events of runs to the destinations for which some are due."""
    with termination.deferred():
        delivering.work()
