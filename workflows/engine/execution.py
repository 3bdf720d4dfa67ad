"""Walking one claimed run through its plan, from what is recorded to the end or to a stop."""

import logging
import time
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DataError, Error
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows import alerts, conditions, conf
from stripeflow.workflows.definition.choices import StepKind
from stripeflow.workflows.definition.plan import ActionPlan, BranchPlan, Plan, StepPlan, WayPlan, plan_of
from stripeflow.workflows.definition.run_names import condition_names, value_names
from stripeflow.workflows.engine.attempt import Attempt, is_recorded
from stripeflow.workflows.engine.deciding import decide
from stripeflow.workflows.engine.loading import loaded
from stripeflow.workflows.engine.recording import Stopped
from stripeflow.workflows.engine.transitions import Claim, LostLease, claim_run, leave, record_step, survive
from stripeflow.workflows.failures import failure
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus, StepStatus

logger = logging.getLogger(__name__)


def execute(run_id: UUID) -> RunStatus | None:
    """Claim the run and take it as far as it goes; None if another worker has it.

    Returns the state in which it was left, or RUNNING if another worker took it over meanwhile.
    """
    claim = claim_run(run_id, now=timezone.now())
    if claim is None:
        return None
    run = loaded(run_id)
    if run.claims > 1 or conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") == 1:
        claim.fresh_until = None
    logger.info("workflows.run.claimed", extra={"run": str(run_id), "claims": run.claims})
    try:
        status = Execution(run, claim, plan_of(run.version_id)).walk()
    except LostLease:
        logger.warning("workflows.run.lost_lease", extra={"run": str(run_id)})
        return RunStatus.RUNNING
    except Exception as error:
        if not _is_defect(run, error):
            _survive(claim)
            raise
        logger.exception("workflows.run.broke_off", extra={"run": str(run_id)})
        status = _end_broken(claim, error)
    logger.info("workflows.run.left", extra={"run": str(run_id), "status": str(status)})
    alerts.run_left(run_id, status)
    return status


def _is_defect(run: Run, error: Exception) -> bool:
    """Whether the next worker would fail like this one, so that the run would go round for ever.

    A database that is away comes back. A step that was under way is for the next claim, which counts its
    attempts, and knows whether it may have acted.
    """
    if isinstance(error, Error) and not isinstance(error, DataError):
        return False
    return not run.steps.filter(status=StepStatus.STARTED).exists()


def _survive(claim: Claim) -> None:
    try:
        survive(claim)
    except Error:  # most likely the database is what is away
        logger.warning("workflows.run.not_counted_back", extra={"run": str(claim.run_id)})


def _end_broken(claim: Claim, error: Exception) -> RunStatus:
    """End a run that cannot be walked; a person may try it again."""
    message = _("The run broke off with %s. The worker's log has the details.") % type(error).__name__
    try:
        error_told = failure("engine_crashed", worded(message))
        leave(claim, RunStatus.FAILED, now=timezone.now(), error=error_told)
    except LostLease:
        return RunStatus.RUNNING
    return RunStatus.FAILED


class Execution:
    """One claim's walk. Holds the recorded steps and the scope that references see."""

    def __init__(self, run: Run, claim: Claim, plan: Plan) -> None:
        self.run = run
        self.claim = claim
        self.plan = plan
        self.began = time.monotonic()
        # Whether the last step's outcome has ended the run already.
        self.is_left = False
        # Rows come in the order of their ids: of several groups, the last one counts. Steps are written
        # under a claim only, so the first one need not look.
        self.recorded = {step.path: step for step in run.steps.all()} if run.claims > 1 else {}
        self.scope = Scope.of_event(run.event)

    def walk(self) -> RunStatus:
        """Run what is not recorded yet, and leave the run. Raises `LostLease`."""
        status, columns = RunStatus.SUCCEEDED, {"error": None}
        try:
            self._steps(self.plan.steps, are_last=True)
        except Stopped as stop:
            status, columns = stop.status, stop.columns
            self.is_left = stop.is_left
        if self.is_left:
            return status
        leave(self.claim, status, now=timezone.now(), **columns)
        if status is RunStatus.HELD and release_over(Run.objects.filter(pk=self.run.pk)):
            return RunStatus.QUEUED
        return status

    def _steps(self, steps: tuple[StepPlan, ...], *, are_last: bool) -> bool:
        """Run steps; whether what stands behind them is to run too."""
        for step in steps:
            is_last = are_last and step is steps[-1]
            if isinstance(step, BranchPlan):
                goes_on = self._steps(self._way(step).steps, are_last=is_last)
            else:
                goes_on = self._action(step, is_last=is_last)
            if not goes_on:
                return False
        return True

    def _action(self, step: ActionPlan, *, is_last: bool) -> bool:
        record = self.recorded.get(step.key)
        if not is_recorded(record):
            self._make_room(step)
            record = Attempt(self.run, self.claim, step, self.scope, is_last, value_names(self.plan)).make(
                record
            )
            self.is_left = is_last and record.status == StepStatus.SUCCEEDED
        if record.status == StepStatus.SUCCEEDED:
            self.scope.note(step.key, record.outputs)
        if record.status != StepStatus.FAILED:
            return True
        if not step.handles_failure:
            raise Stopped(RunStatus.FAILED, step, record.error)
        return self._error_branch(step, record) if step.error_steps else True

    def _error_branch(self, step: ActionPlan, record: StepRun) -> bool:
        """Run what stands in place of all that follows a failed step: behind it nothing runs any more.

        That it is taken follows from the step's record and its version, so that every worker decides the
        same.
        """
        error = record.error or {}
        self.scope.note(step.key, {"error": {name: error.get(name, "") for name in ("message", "code")}})
        self._steps(step.error_steps, are_last=True)
        return False

    def _make_room(self, step: ActionPlan) -> None:
        """Put off the rest of a run if its worker is to end, or before the queue's timeout ends it.

        Of one that has worked for some seconds the watchdog learns that its worker is alive.
        """
        worked = time.monotonic() - self.began
        if worked > conf.get("RUN_SECONDS") or termination.is_asked():
            raise Stopped(RunStatus.WAITING, step, None, due_at=timezone.now())
        if worked > heartbeat.RING_SECONDS:
            heartbeat.sign()

    def _way(self, step: BranchPlan) -> WayPlan:
        """The branch that was taken, or that is taken now; the choice is recorded, never made twice.

        Raises `Stopped` where a person has to choose it.
        """
        record = self.recorded.get(step.key) or self._choose(step)
        if record.status == StepStatus.WAITING:
            raise Stopped(RunStatus.HELD, step, _undecided(step), held_reason=HeldReason.UNDECIDED)
        return next(way for way in step.ways if way.key == record.branch_key)

    def _choose(self, step: BranchPlan) -> StepRun:
        now = timezone.now()
        decision = decide(step, partial(self._judged, now=now))
        taken = decision.way
        record = StepRun.of(
            self.run,
            path=step.key,
            step_key=step.key,
            name=step.name,
            kind=StepKind.BRANCH,
            status=StepStatus.SUCCEEDED if taken else StepStatus.WAITING,
            branch_key=taken.key if taken else "",
            explanation=sanitize(decision.to_json()),
            started_at=now,
            finished_at=now if taken else None,
        )
        record_step(self.claim, record)
        return record

    def _judged(self, group: conditions.Compiled, *, now: datetime) -> conditions.Evaluation:
        return conditions.evaluate(
            group,
            self.scope,
            now=now,
            previous_attributes=self.run.event.previous_attributes,
            label_of=condition_names(self.plan),
        )


def _undecided(step: BranchPlan) -> dict[str, Any]:
    """The error of a run whose branch a person has to choose."""
    message = _("A condition is unknown, so it is not decided which branch is taken.")
    return failure("undecided", worded(message), step_name=step.name or _("Branch"))
