"""Fails a run outside of its steps. The wait at which it stood ends with it, and counts no more."""

from datetime import datetime

from stripeflow.workflows.engine.transitions import Claim, Leaving, end_step, leave
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.states import RunStatus, StepStatus


def break_off(claim: Claim, error: Failure, *, now: datetime) -> None:
    """Leave the run as failed; a person may retry it. The error names the wait. Raises `LostLease`."""
    wait = StepRun.objects.at_waits().filter(run_id=claim.run_id).last()
    if wait is None:
        leave(claim, RunStatus.FAILED, now=now, error=error)
        return
    named = {**error, "step": wait.step_key, "step_name": wait.name}
    leaving = Leaving(RunStatus.FAILED, {"error": named})
    end_step(claim, wait, StepStatus.FAILED, leaving=leaving, error=error, finished_at=now)
