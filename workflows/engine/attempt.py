"""One attempt at one action step: intent, call, outcome."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import actions.registry
from actions.base import Action, ActionContext, Repeat
from actions.errors import Forbidden, NoKey
from actions.wording import Worded, worded
from triggers.account_mode import EVERY_ACCOUNT, AccountMode
from triggers.json_safety import sanitize
from workflows import conf
from workflows.definition.plan import ActionPlan, StepPlan
from workflows.definition.retry import default_policy
from workflows.engine.context import account_of, context_of
from workflows.engine.gates import ALL, ALL_BUT_ACCESS, GateClosed, Gates
from workflows.engine.looking_up import (
    KEY_IS_SAFE_FOR,
    Anew,
    Undecided,
    Verdict,
    looked_up_first,
    verdict_on,
)
from workflows.engine.perform import Delayed, Done, Refused, Result, Spent, Unanswered, Unauthorized, perform
from workflows.engine.rendering import InputsError, rendered_inputs
from workflows.engine.transitions import LET_GO, Claim, Leaving, end_step, record_step, start_step
from workflows.failures import failure, held, public_sentence, with_reason
from workflows.limits import pausing, spending, switch
from workflows.limits.deauthorized import tells_of_access
from workflows.models import Run, StepRun
from workflows.models.limits import PauseCause
from workflows.models.run import HeldReason, LookUp
from workflows.models.step import StepKind
from workflows.references import NameOf
from workflows.states import RunStatus, StepStatus


def interrupted() -> dict[str, Any]:
    """The error of a step whose worker went away in the middle of it."""
    message = _("The worker ended while this step was under way, so nobody knows whether it had its effect.")
    return failure("interrupted", worded(message))


def _key_expired() -> dict[str, Any]:
    message = _(
        "The call was sent more than 23 hours ago without an answer; Stripe may have forgotten its "
        "idempotency key, so it is not sent again."
    )
    return failure("key_expired", worded(message))


def _away(refused: Unauthorized) -> dict[str, Any]:
    message = _(
        "The account has disconnected the application, so nothing can be done as this account any more. %s"
    )
    public = message % public_sentence(refused.code, refused.message)
    told = failure("account_disconnected", Worded(message % refused.message, public))
    return {**refused.to_json(), **told}


def _not_reserved(action: Action) -> dict[str, Any]:
    message = _(
        "The action “%(label)s” moves money, and has not reserved the amount, so that no daily limit could "
        "count it. Look whether it happened, and say so. Its developer has to call “context.reserve” first."
    )
    return failure("not_reserved", worded(message, names={"label": action.label}))


class Stopped(Exception):
    """The walk cannot go on now: the run is left in `status` with `columns`."""

    def __init__(
        self, status: RunStatus, step: StepPlan, error: dict[str, Any] | None, **columns: Any
    ) -> None:
        super().__init__(status)
        self.status = status
        told = error and {"step_name": step.name, **error, "step": step.key}
        self.columns = {"error": sanitize(told), **columns}
        # Whether the run was left together with the step's outcome.
        self.is_left = False


@dataclass(frozen=True)
class Attempt:
    """The next attempt at `step`, under `claim`, with what the run knows so far as `scope`.

    `is_last` says that the run ends with this step: if it succeeds, it ends the run by the same write.
    `name_of` gives the names of values for messages.
    """

    run: Run
    claim: Claim
    step: ActionPlan
    scope: dict[str, Any]
    is_last: bool = False
    name_of: NameOf = str

    def make(self, record: StepRun | None) -> StepRun:
        """Try the step, anew or again. Returns its recorded outcome.

        Raises `Stopped` if there is none yet, and `LostLease`.
        """
        self._check_gates()
        action = actions.registry.find(self.step.action)
        if action is None:
            return self._without_action(record)
        if record is None or record.superseded_at:
            record = self._intent(action, record)
            if record.state.is_recorded:
                return record
        else:
            self._check_repeat(action, record)
            if record.state.is_recorded:
                return record
        self._begin(record)
        context = context_of(self.run, self.step, record)
        if record.look_up == LookUp.DUE:
            return self._looked_up(record, verdict_on(action, record, context))
        done = looked_up_first(action, self.run, record, context)
        if isinstance(done, Done):
            return self._succeed(record, done, look_up=LookUp.FOUND)
        result = done or perform(action, record.inputs, context)
        if isinstance(result, Done) and self._is_uncounted(action, context):
            self._unknown(record, _not_reserved(action))
        return self._outcome(action, record, result)

    def _check_gates(self) -> None:
        """Hold the run if it might not go on when it was loaded: a first look, before anything is made."""
        if switch.is_stopped():
            raise self._held(HeldReason.SWITCH)
        if self.run.workflow.paused_at:
            raise self._held(HeldReason.PAUSED)
        if self.run.is_account_paused:
            raise self._held(HeldReason.ACCOUNT_PAUSED)
        if self.run.is_deauthorized and not self._is_of_account_away():
            raise self._held(HeldReason.DEAUTHORIZED)

    def _begin(self, record: StepRun) -> None:
        """Write the intent, if the run may go on at that very moment; else hold it."""
        try:
            start_step(self.claim, record, now=timezone.now(), gates=self._gates)
        except GateClosed as closed:
            raise self._held(closed.reason) from closed

    @property
    def _gates(self) -> Gates:
        return ALL_BUT_ACCESS if tells_of_access(self.run.event.type) else ALL

    def _held(self, reason: HeldReason) -> Stopped:
        return Stopped(RunStatus.HELD, self.step, held(reason.label), held_reason=reason)

    def _intent(self, action: Action, before: StepRun | None) -> StepRun:
        """The new row of this step, with rendered inputs; recorded as failed if they cannot be made.

        After a look-up that did not find the call of `before`, that very call is made anew.
        """
        record = self._new_record(_next_group(before))
        record.idempotency_key = f"stripeflow:{self.run.pk}:{record.path}:{record.group}"
        if before is not None and before.look_up == LookUp.NOT_FOUND:
            record.inputs = before.inputs
            return record
        try:
            inputs = rendered_inputs(action, self.step.inputs, self.scope, name_of=self.name_of)
            record.inputs = sanitize(inputs)
        except InputsError as error:
            self._record_failure(record, error.to_json())
        return record

    def _without_action(self, record: StepRun | None) -> StepRun:
        message = _("The action “%s” is not installed on this worker.") % self.step.action
        error = failure("action_not_installed", worded(message))
        if record is None or record.superseded_at:
            record = self._new_record(_next_group(record))
            self._record_failure(record, error)
        else:
            if record.status == StepStatus.STARTED:  # and nobody is left who knows whether it only reads
                record.may_have_acted = True
            self._unless_unknown(record, error)
            self._end(record, StepStatus.FAILED, error)
        return record

    def _record_failure(self, record: StepRun, error: dict[str, Any]) -> None:
        record.status = StepStatus.FAILED
        record.error = sanitize(error)
        record.finished_at = record.started_at
        try:
            record_step(self.claim, record, gates=self._gates)
        except GateClosed as closed:
            raise self._held(closed.reason) from closed

    def _new_record(self, group: int) -> StepRun:
        return StepRun.of(
            self.run,
            path=self.step.key,
            group=group,
            step_key=self.step.key,
            name=self.step.name,
            kind=StepKind.ACTION,
            action=self.step.action,
            status=StepStatus.STARTED,
            started_at=timezone.now(),
        )

    def _check_repeat(self, action: Action, record: StepRun) -> None:
        """Return if the recorded intent may be sent again with the same key and inputs, else stop.

        A step that only reads, and was tried too often, is recorded as failed.
        """
        if record.status == StepStatus.OUTCOME_UNKNOWN:
            raise Stopped(RunStatus.OUTCOME_UNKNOWN, self.step, record.error)
        is_old = timezone.now() - record.started_at > KEY_IS_SAFE_FOR
        if record.status == StepStatus.STARTED:  # left behind by a worker that ended
            if action.repeat is not Repeat.SAFE:
                record.may_have_acted = True
            if action.repeat is Repeat.ASK:
                self._unknown(record, interrupted())
            # A short database outage is not a crash; do not count it.
            record.interruptions += is_old or record.token != LET_GO
            if record.interruptions >= conf.get("MAX_INTERRUPTIONS"):
                self._give_up(record, interrupted())
                return
        if record.may_have_acted and is_old and record.look_up != LookUp.DUE:
            record.look_up, record.error = LookUp.DUE, _key_expired()

    def _outcome(self, action: Action, record: StepRun, result: Result) -> StepRun:
        if isinstance(result, Done):
            return self._succeed(record, result)
        if isinstance(result, Refused):
            if not result.covers_earlier:
                self._unless_unknown(record, result.to_json())
            self._end(record, StepStatus.FAILED, result.to_json())
            return record
        if isinstance(result, Unauthorized):
            if self._acts_as_account_away(result):
                self._end(record, StepStatus.FAILED, _away(result))
                return record
            self._wait(record, result.to_json())
            self._hold(result)
        if isinstance(result, Unanswered) and action.repeat is not Repeat.SAFE:
            record.may_have_acted = True
            if action.repeat is Repeat.ASK:
                self._unknown(record, result.to_json())
            if isinstance(result, Spent):
                self._wait_until(timezone.now(), record, result.to_json(), look_up=LookUp.DUE)
        return self._try_later(record, result)

    def _is_uncounted(self, action: Action, context: ActionContext) -> bool:
        """Whether money has moved past a limit, since the action has not reserved it."""
        is_reserved = isinstance(context.reserve, spending.Share) and context.reserve.is_taken
        return action.moves_money and not is_reserved and spending.is_limited(self.run.workflow_id)

    def _looked_up(self, record: StepRun, verdict: Verdict) -> StepRun:
        """Write what the look-up of a lost call said; one without an answer is made again later."""
        why = record.error or {}
        same: dict[str, Any] = {"attempts": record.attempts - 1}  # to ask is not to act
        if isinstance(verdict, Done):
            return self._succeed(record, verdict, look_up=LookUp.FOUND, **same)
        if isinstance(verdict, Anew):
            same |= {"look_up": LookUp.NOT_FOUND, "superseded_at": timezone.now()}
            self._end(record, StepStatus.FAILED, why, **same)
            return self.make(record)
        if isinstance(verdict, Unauthorized):
            self._wait(record, why, look_up=LookUp.DUE, **same)
            self._hold(verdict)
        if isinstance(verdict, Delayed):
            self._look_up_later(record, verdict, look_up=LookUp.DUE, **same)
            verdict = Undecided(with_reason(why, verdict.message))
        return self._unknown(record, verdict.error, look_up=LookUp.UNCLEAR, **same)

    def _look_up_later(self, record: StepRun, result: Delayed, **columns: Any) -> None:
        """Wait for the next look-up; return if there were too many."""
        columns["look_ups"] = record.look_ups + result.counts
        now = timezone.now()
        due = default_policy().next_attempt(
            attempts=max(columns["look_ups"], 1),
            began=now,  # to ask is not to act: the step's own policy, and its total time, are for that
            now=now,
            retry_after=result.retry_after,
            jitter=random.random(),  # noqa: S311 - spreads load, protects nothing
        )
        if due is not None:
            self._wait_until(due, record, record.error or {}, **columns)

    def _succeed(self, record: StepRun, done: Done, **columns: Any) -> StepRun:
        """Record the outputs; the last step ends the run by the same write."""
        leaving = Leaving(RunStatus.SUCCEEDED, {"error": None}) if self.is_last else None
        outputs = sanitize(done.outputs)
        self._end(record, StepStatus.SUCCEEDED, None, outputs=outputs, leaving=leaving, **columns)
        return record

    def _hold(self, refused: Unauthorized) -> NoReturn:
        """Hold this run, and the workflow for whom the reason concerns.

        A sender of events, such as a connected account, can stop only what is its own.
        Only where our own key was refused for our own account, everything of the mode would fare the same.
        """
        whose, cause = AccountMode.of(self.run), PauseCause.REFUSED
        if refused.code in NoKey.codes:
            cause = PauseCause.NO_KEY
        elif refused.code != Forbidden.default_code and not account_of(self.run, self.step):
            whose = whose._replace(account=EVERY_ACCOUNT)
        # Everybody reads the reason of a pause.
        reason = public_sentence(refused.code, refused.message)
        pausing.pause_account(self.run.workflow_id, whose, reason, cause=cause)
        raise Stopped(RunStatus.HELD, self.step, refused.to_json(), held_reason=HeldReason.ACCOUNT_PAUSED)

    def _acts_as_account_away(self, refused: Unauthorized) -> bool:
        """Whether the step was to act as an account that the run itself says is gone."""
        as_account = refused.code == Forbidden.default_code and not self.step.as_platform
        return as_account and self._is_of_account_away()

    def _is_of_account_away(self) -> bool:
        """Whether the run itself tells of an account that has disconnected the application."""
        return self.run.is_deauthorized and tells_of_access(self.run.event.type)

    def _try_later(self, record: StepRun, result: Delayed | Unanswered) -> StepRun:
        if isinstance(result, Delayed) and not result.counts:
            due = timezone.now() + timedelta(seconds=result.retry_after or 0.0)
            self._wait_until(due, record, result.to_json(), attempts=record.attempts - 1)
        policy = default_policy().with_own(self.step.retry)
        due = policy.next_attempt(
            attempts=record.attempts,
            began=record.started_at,
            now=timezone.now(),
            retry_after=result.retry_after if isinstance(result, Delayed) else None,
            jitter=random.random(),  # noqa: S311 - spreads load, protects nothing
        )
        if due is not None:
            self._wait_until(due, record, result.to_json())
        return self._give_up(record, result.to_json())

    def _wait_until(self, due: datetime, record: StepRun, error: dict[str, Any], **columns: Any) -> NoReturn:
        """Let step and run wait for the next attempt; one write, so that no crash loses its time."""
        stop = Stopped(RunStatus.WAITING, self.step, error, due_at=due)
        self._wait(record, error, leaving=Leaving(stop.status, stop.columns), **columns)
        stop.is_left = True
        raise stop

    def _wait(self, record: StepRun, error: dict[str, Any], **columns: Any) -> None:
        """Let the step wait for its next attempt, with the same key and inputs."""
        columns["may_have_acted"] = record.may_have_acted
        end_step(self.claim, record, StepStatus.WAITING, error=sanitize(error), **columns)

    def _give_up(self, record: StepRun, error: dict[str, Any]) -> StepRun:
        """End a step that was tried as often as it may be."""
        self._unless_unknown(record, error)
        self._end(record, StepStatus.FAILED, error)
        return record

    def _unless_unknown(self, record: StepRun, error: dict[str, Any]) -> None:
        if record.may_have_acted or record.status == StepStatus.OUTCOME_UNKNOWN:
            self._unknown(record, error)

    def _unknown(self, record: StepRun, error: dict[str, Any], **columns: Any) -> NoReturn:
        if record.status != StepStatus.OUTCOME_UNKNOWN:
            self._end(record, StepStatus.OUTCOME_UNKNOWN, error, may_have_acted=True, **columns)
        raise Stopped(RunStatus.OUTCOME_UNKNOWN, self.step, error)

    def _end(self, record: StepRun, status: StepStatus, error: dict[str, Any] | None, **columns: Any) -> None:
        columns |= {"error": sanitize(error), "finished_at": timezone.now()}
        if status is not StepStatus.FAILED:
            end_step(self.claim, record, status, **columns)
            return
        with transaction.atomic():
            end_step(self.claim, record, status, **columns)
            # Whatever way it failed, it did nothing: the next group reserves anew.
            spending.give_back(record.idempotency_key)


def _next_group(record: StepRun | None) -> int:
    return record.group + 1 if record else 1
