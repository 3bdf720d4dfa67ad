"""Walking one claimed run through its plan, from what is recorded to the end or to a stop."""

import logging
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DataError, Error, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.workflows import conditions, conf
from stripeflow.workflows.alerts import runs as run_alerts
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.plan import Plan, StepPlan, steps_of
from stripeflow.workflows.definition.run_names import condition_names
from stripeflow.workflows.destinations import outbox
from stripeflow.workflows.engine import children, places
from stripeflow.workflows.engine.breaking_off import break_off
from stripeflow.workflows.engine.canceling import Canceling, reason
from stripeflow.workflows.engine.frames import Answer, Enter, Frame, Stop, Wait
from stripeflow.workflows.engine.loading import loaded
from stripeflow.workflows.engine.recording import Stopped
from stripeflow.workflows.engine.transitions import Claim, LostLease, claim_run, claim_runs, leave, survive
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.references import Scope
from stripeflow.workflows.run_events import signaling
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)


def execute(run_id: UUID) -> RunStatus | None:
    """Claim the run and take it as far as it goes; None if another worker has it.

    Returns the state in which it was left, or RUNNING if another worker took it over meanwhile.
    """
    claimed = claim(run_id)
    return None if claimed is None else carry_out(claimed)


def claim(run_id: UUID) -> Claim | None:
    """Claim the run for this process, which then has to carry it out; None if another worker has it."""
    return claim_run(run_id, now=timezone.now())


def claim_all(run_ids: Sequence[UUID]) -> list[Claim]:
    """Claim those of the runs that no other worker has."""
    return claim_runs(run_ids, now=timezone.now())


def carry_out(claim: Claim) -> RunStatus:
    """Take a claimed run as far as it goes, in any thread. Returns as `execute` does."""
    run_id, began = claim.run_id, timezone.now()
    run = loaded(run_id)
    if run.claims > 1 or conf.get("MAX_CLAIMS_WITHOUT_PROGRESS") == 1:
        claim.fresh_until = None
    claim.is_listened_to, claim.is_sent = run.is_listened_to, run.is_sent
    logger.info("workflows.run.claimed", extra={"run": str(run_id), "claims": run.claims})
    try:
        _tell_start(run)
        with places.of_run():
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
    run_alerts.run_left(run_id, status, since=began)
    if status.is_final:
        children.wake_parent(run)
    return status


def _tell_start(run: Run) -> None:
    if run.claims != 1:
        return
    if run.is_sent:
        outbox.run_started(run.pk)
    signaling.started(run)


def _is_defect(run: Run, error: Exception) -> bool:
    """Whether every further worker would fail like this one, for ever.

    An unreachable database comes back. The next claim judges a step that was under way: it counts the
    attempts, and knows whether the step may have acted.
    """
    if isinstance(error, Error) and not isinstance(error, DataError):
        return False
    return not run.steps.filter(status=StepStatus.STARTED).exists()


def _survive(claim: Claim) -> None:
    try:
        survive(claim)
    except Error:  # most likely the database is unreachable
        logger.warning("workflows.run.not_counted_back", extra={"run": str(claim.run_id)})


def _end_broken(claim: Claim, error: Exception) -> RunStatus:
    """Fail a run that cannot be walked; a person may retry it."""
    message = _("The run broke off with %s. The worker's log has the details.") % type(error).__name__
    try:
        crash = failure("engine_crashed", worded(message))
        break_off(claim, crash, now=timezone.now())
    except LostLease:
        return RunStatus.RUNNING
    return RunStatus.FAILED


class Execution:
    """One claim's walk: a stack of frames, each with the recorded rows of its steps."""

    def __init__(self, run: Run, claim: Claim, plan: Plan) -> None:
        self.run = run
        self.claim = claim
        self.plan = plan
        self.began = time.monotonic()
        # Whether the last step's outcome has ended the run already.
        self.is_left = False
        self.canceling = Canceling(run, plan)
        self.scope = Scope.of_event(run.event)
        self.frames = [self._loaded(Frame(plan.main, self.scope))]
        # Why the run would end as failed, while the steps for that run.
        self.failure: Stopped | None = None

    def walk(self) -> RunStatus:
        """Run what is not recorded yet, and leave the run. Raises `LostLease`."""
        status, columns = RunStatus.SUCCEEDED, {"error": None}
        if (stop := self._stopped()) is not None:
            stop = self._after(stop)
            status, columns = stop.status, stop.columns
            self.is_left = stop.is_left
        if status is RunStatus.CANCELED:
            # Or a worker that dies in between would leave the runs for which it waits.
            with transaction.atomic():
                leave(self.claim, status, now=timezone.now(), **columns)
                self.canceling.end(status)
            return status
        if not self.is_left:
            leave(self.claim, status, now=timezone.now(), **columns)
        if self.plan.cancel_when and status.is_final:
            self.canceling.end(status)
        if self.is_left:
            return status
        if stop is not None and stop.left is not None:
            stop.left()
        if status is RunStatus.HELD and release_over(Run.objects.filter(pk=self.run.pk)):
            return RunStatus.QUEUED
        return status

    def _stopped(self) -> Stopped | None:
        """Run the steps; where the walk stopped before their end."""
        try:
            self._steps()
        except Stopped as stop:
            return stop
        return None

    def _after(self, stop: Stopped) -> Stopped:
        """Run the steps for a run that would end as failed; how it is left then. Raises `LostLease`.

        It is left as failed for the first reason, whatever became of these steps, unless they have to wait,
        are held, or have an unknown outcome. Then they go on later.
        """
        step = self.plan.on_failure
        if stop.status is not RunStatus.FAILED or step is None:
            return stop
        self.failure = stop
        home = self._loaded(Frame((step,), self.scope))
        begun = kinds.of(step.head).begin(step, Turn(self, home, step), stop.columns["error"])
        if begun is None:
            return stop
        inside = Frame(begun.lane.steps, self.scope, are_last=False, prefix=begun.prefix)
        self.frames = [self._loaded(inside)]
        later = self._stopped()
        return stop if later is None or later.status.is_final else later

    def beside(self, turn: "Turn", answer: Enter, claim: Claim) -> "Execution":
        """The walk of one item of the loop whose turn it is, in any thread, while others walk other items.

        It shares what nobody changes meanwhile (the events that end the run are known by now), and the right
        to the run.
        """
        own = copy(self)
        own.claim = claim
        loop = replace(turn.frame, kept=None, item_error=None)
        own.frames = [*self.frames[:-1], loop, loop.within(turn.step, answer)]
        return own

    def walk_item(self) -> Failure | None:
        """Run the steps of the item, which is `beside` others; why it failed.

        Raises `Stopped` where it cannot end now, and `LostLease`.
        """
        loop, inside = self.frames[-2:]
        self._loaded(inside)
        self._steps(until=loop)
        return loop.item_error

    def _steps(self, until: Frame | None = None) -> None:
        while self.frames and self.frames[-1] is not until:
            frame = self.frames[-1]
            if frame.is_done:
                self.frames.pop()
                continue
            step = frame.take()
            turn = Turn(self, frame, step)
            self._check_canceled(turn)
            self._follow(turn, kinds.of(step.head).run(step, turn))

    def _check_canceled(self, turn: "Turn") -> None:
        """End the run if an event came that does. What its steps did before stays. Raises `Stopped`."""
        record = turn.record
        is_done = record is not None and record.superseded_at is None and record.state.is_recorded
        # Steps for a run that would end as failed tell people, and clean up.
        if is_done or self.failure is not None:
            return
        if came := self.canceling.event():
            raise Stopped(RunStatus.CANCELED, turn.step, reason(came), canceled_by_id=came.event.pk)

    def _follow(self, turn: "Turn", answer: Answer) -> None:
        """Go where the block says. Raises `Stopped` if the walk ends there."""
        turn.frame.follow(answer)
        match answer:
            case Enter():
                self._enter(turn, answer)
            case Wait():
                stop = Stopped(RunStatus.WAITING, turn.step, None, due_at=answer.due)
                stop.left = answer.left
                raise stop
            case Stop():
                stop = Stopped(answer.status, turn.step, answer.error, **answer.columns)
                if not self._ends_item(turn, answer):
                    raise stop
                self._leave_item(turn.frame.loop)
                self.frames[-1].item_error = stop.columns["error"]

    def _enter(self, turn: "Turn", answer: Enter) -> None:
        inside = turn.frame.within(turn.step, answer)
        if answer.item is not None:
            self._loaded(inside)
        if answer.instead:
            self._leave_item(inside.loop)
        self.frames.append(inside)

    def _ends_item(self, turn: "Turn", stop: Stop) -> bool:
        """Whether a step has failed inside a loop, which decides what follows. One may end the whole run."""
        is_failure = stop.status is RunStatus.FAILED and not kinds.of(turn.step.head).ends_run
        return is_failure and turn.frame.loop is not None

    def _leave_item(self, loop: Frame | None) -> None:
        """Drop what is left of the item of this loop; of the whole run, outside of loops."""
        while self.frames and self.frames[-1] is not loop:
            self.frames.pop()

    def _loaded(self, frame: Frame) -> Frame:
        """The frame, once it has the recorded rows of its steps."""
        frame.records = self._recorded(frame)
        return frame

    def _recorded(self, frame: Frame) -> dict[str, StepRun]:
        """The recorded rows of the steps of a frame and of its lanes, but not of the items of its loops.

        So a run over many items never loads the rows of more than one of them.
        """
        # Steps are written only under a claim, so the first claim need not look.
        if self.run.claims == 1:
            return {}
        paths = [frame.path_of(step) for step in steps_of(frame.steps)]
        # Rows come in the order of their ids, so of several groups the last one counts.
        return {row.path: row for row in StepRun.objects.filter(run=self.run, path__in=paths)}

    def make_room(self, step: StepPlan) -> None:
        """Put off the rest of a run if its worker has to end, or before the queue's timeout kills it.

        After some seconds of work, tell the watchdog that the worker is alive.
        """
        worked = time.monotonic() - self.began
        if worked > conf.get("RUN_SECONDS") or termination.is_asked():
            raise Stopped(RunStatus.WAITING, step, None, due_at=timezone.now())
        if worked > heartbeat.SIGN_SECONDS:
            heartbeat.sign()


@dataclass(frozen=True)
class Turn:
    """What a block gets to run one of its steps."""

    walk: Execution
    frame: Frame
    step: StepPlan

    @property
    def path(self) -> str:
        return self.frame.path_of(self.step)

    @property
    def record(self) -> StepRun | None:
        """The recorded row of the step; of several groups, the last."""
        return self.frame.records.get(self.path)

    @property
    def is_last(self) -> bool:
        """Whether the run ends with this step."""
        return self.frame.is_at_end and self.walk.failure is None

    @property
    def scope(self) -> Scope:
        """What references see."""
        return self.frame.scope

    def give(self, value: Any) -> None:
        """Let later steps refer to `value` as the step's outputs."""
        self.scope.note(self.step.key, value)

    def keep(self, record: StepRun) -> None:
        """Let the step find `record` in its next turn."""
        self.frame.records[self.path] = record

    def new_record(self, **columns: Any) -> StepRun:
        """A new row of the step, not saved yet."""
        step = self.step
        return StepRun.of(
            self.walk.run, path=self.path, step_key=step.key, name=step.name, kind=step.kind, **columns
        )

    def judged(
        self, group: conditions.Compiled, *, now: datetime, also: tuple[str, Any] | None = None
    ) -> conditions.Evaluation:
        """Evaluate conditions on what the run knows; with `also`, as if this step had given this value."""
        scope = self.scope
        if also is not None:
            scope = Scope({**scope, "steps": {**scope["steps"], also[0]: also[1]}})
        return conditions.evaluate(
            group,
            scope,
            now=now,
            previous_attributes=self.walk.run.event.previous_attributes,
            label_of=condition_names(self.walk.plan),
        )
