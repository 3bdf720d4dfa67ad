"""Which case of the decision table an attempt is, by the step's row and by the attempts that are left."""

import random
from datetime import datetime, timedelta

from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.definition.retry import KEY_IS_SAFE_FOR, default_policy
from stripeflow.workflows.engine.decision_table import Age, Record, Result
from stripeflow.workflows.engine.looking_up import LookedUp, may_begin_again
from stripeflow.workflows.engine.perform import Delayed, Judged, Performed, Unanswered
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.states import StepStatus

_LEFT_BEHIND = {
    StepStatus.STARTED: Result.INTERRUPTED,
    StepStatus.WAITING: Result.WAITED,
    StepStatus.OUTCOME_UNKNOWN: Result.UNRESOLVED,
}


def left_behind(record: StepRun) -> Result:
    """What an earlier attempt left behind of a step without an outcome."""
    return _LEFT_BEHIND[record.state]


def age_of(record: StepRun, now: datetime) -> Age:
    """Whether the step's key is so old that Stripe may have forgotten it."""
    return Age.OLD if now - record.started_at > KEY_IS_SAFE_FOR else Age.FRESH


def kept_by(record: StepRun) -> Record:
    """What the row says of the attempts before this one."""
    if record.look_up == LookUp.DUE:
        return Record.LOOK_UP_DUE
    return Record.OPEN if record.may_have_acted else Record.CLEAN


def next_attempt(
    step: ActionPlan, record: StepRun, result: Performed | Judged, *, now: datetime
) -> datetime | None:
    """When the call may be repeated after this result; None if never."""
    return next_try(step, result, attempts=record.attempts, began=record.started_at, now=now)


def next_try(
    step: ActionPlan, result: Performed | Judged, *, attempts: int, began: datetime, now: datetime
) -> datetime | None:
    """The same after so many attempts since `began`, wherever they are counted."""
    if not isinstance(result, Delayed | Unanswered):
        return None
    retry_after = result.retry_after if isinstance(result, Delayed) else None
    if result.result is Result.THROTTLED:
        return now + timedelta(seconds=retry_after or 0.0)
    policy = default_policy().with_own(step.retry)
    return policy.next_attempt(
        attempts=attempts,
        began=began,
        now=now,
        retry_after=retry_after,
        jitter=random.random(),  # noqa: S311 - spreads load, protects nothing
    )


def next_look_up(record: StepRun, said: LookedUp, *, now: datetime) -> datetime | None:
    """When the step may go on after the look-up; None if it was repeated too often."""
    if said.result is Result.NOT_FOUND:
        return now if may_begin_again(record) else None
    if not isinstance(said.answer, Delayed):
        return None
    return default_policy().next_attempt(
        attempts=max(record.look_ups + said.counts, 1),
        began=now,  # a look-up does not act: the step's own policy and total time are for calls
        now=now,
        retry_after=said.answer.retry_after,
        jitter=random.random(),  # noqa: S311 - as above
    )
