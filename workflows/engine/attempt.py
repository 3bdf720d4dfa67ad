"""One attempt at one action step: intent, call, outcome.

Four steps, each a function here: is it recorded, may it be repeated, run it, record what follows.
`attempt_case` finds the case, `decision_table` decides what follows, and `recording` writes it.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeGuard

from django.utils import timezone

from stripeflow.actions import registry
from stripeflow.actions.base import Action, ActionContext
from stripeflow.actions.errors import Forbidden
from stripeflow.actions.repeat import Repeat
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.widths import WIDTH
from stripeflow.workflows import conf
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.engine.approving import Awaited, Given, approved
from stripeflow.workflows.engine.attempt_case import age_of, kept_by, left_behind, next_attempt, next_look_up
from stripeflow.workflows.engine.attempt_errors import (
    account_gone,
    interrupted,
    key_expired,
    not_installed,
    not_reserved,
)
from stripeflow.workflows.engine.context import context_of
from stripeflow.workflows.engine.decision_table import Age, Record, Result, Then, decide
from stripeflow.workflows.engine.looking_up import LookedUp, looked_up, looked_up_first
from stripeflow.workflows.engine.one_at_a_time import turn_of
from stripeflow.workflows.engine.perform import Done, Judged, Performed, Unauthorized, perform
from stripeflow.workflows.engine.recording import Facts, Stopped, Writer
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.engine.transitions import LET_GO, Claim, record_step, start_step
from stripeflow.workflows.limits import spending, switch
from stripeflow.workflows.limits.deauthorized import tells_of_access
from stripeflow.workflows.limits.gates import ALL, ALL_BUT_ACCESS, GateClosed, Gates
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.failures import Failure, held, with_reason
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.references import NameOf
from stripeflow.workflows.states import RunStatus, StepStatus

# What a step's row keeps of a look-up that was decided on.
_LOOKED_UP = {
    Then.SUCCEED: LookUp.FOUND,
    Then.NEXT_KEY: LookUp.NOT_FOUND,
    Then.RETRY: LookUp.DUE,
    Then.HOLD: LookUp.DUE,
    Then.ASK: LookUp.UNCLEAR,
}


def is_recorded(record: StepRun | None) -> TypeGuard[StepRun]:
    """Whether the step has its outcome, and so never runs again by itself."""
    return is_begun(record) and record.state.is_recorded


def is_begun(record: StepRun | None) -> TypeGuard[StepRun]:
    """Whether a call of this step is recorded, and no next group is to replace it."""
    return record is not None and record.superseded_at is None


def key_of(record: StepRun) -> str:
    """The idempotency key of a step's group: its path in plain, or a digest where that is too long."""
    key = f"stripeflow:{record.run_id}:{record.path}:{record.group}"
    if len(key) <= WIDTH:
        return key
    digest = sha256(record.path.encode()).hexdigest()
    return f"stripeflow:{record.run_id}:{digest}:{record.group}"


@dataclass(frozen=True)
class Attempt:
    """The next attempt at `step`, under `claim`, with what the run knows so far as `scope`.

    `path` finds its records. `is_last` says that the run ends with this step: if it succeeds, the same
    write ends the run.
    `name_of` gives the names of values for messages. `covering` are the keys of the approvals that cover it.
    """

    run: Run
    claim: Claim
    step: ActionPlan
    scope: dict[str, Any]
    path: str
    is_last: bool = False
    name_of: NameOf = str
    covering: tuple[str, ...] = ()

    def make(self, record: StepRun | None) -> StepRun:
        """Attempt the step, for the first time or again. Returns its recorded outcome.

        Raises `Stopped` if there is none yet, and `LostLease`.
        """
        self._check_gates()
        action = registry.find_for(self.step.action, self.step.inputs)
        if action is None:
            return self._not_installed(record)
        if is_begun(record):
            self._check_repeat(action, record)
        else:
            record = self._intent(action, record)
        if is_recorded(record):
            return record
        return self._record(action, record, self._run(action, record))

    def _check_repeat(self, action: Action, record: StepRun) -> None:
        """Return if the recorded call may be sent again with the same key and inputs, or looked up.

        Otherwise record what follows, as for any result: see `_record`.
        """
        now = timezone.now()
        left = left_behind(record)
        age = age_of(record, now)
        # A short database outage is not a crash; do not count it.
        if left is Result.INTERRUPTED and (age is Age.OLD or record.token != LET_GO):
            record.interruptions += 1
        may_try = left is Result.WAITED or record.interruptions < conf.get("MAX_INTERRUPTIONS")
        due = now if may_try else None
        decision = decide(left, repeat=action.repeat, age=age, record=kept_by(record), due=due)
        if decision.then not in (Then.RETRY, Then.LOOK_UP):
            error = interrupted() if left is Result.INTERRUPTED else record.error
            self._writer.apply(record, decision, Facts(error or {}))
            return
        record.may_have_acted = decision.may_have_acted
        if decision.then is Then.LOOK_UP and record.look_up != LookUp.DUE:
            record.look_up, record.error = LookUp.DUE, key_expired()

    def _run(self, action: Action, record: StepRun) -> Performed | Judged | LookedUp:
        """Write the intent, then call the action, or look up whether an earlier call took effect."""
        with turn_of(action, self.step):
            return self._run_alone(action, record)

    def _run_alone(self, action: Action, record: StepRun) -> Performed | Judged | LookedUp:
        self._begin(record)
        context = context_of(self.run, self.step, record)
        if record.look_up == LookUp.DUE:
            return looked_up(action, record, context)
        found = looked_up_first(action, self.run, record, context)
        result = found or perform(action, record.inputs or {}, context)
        if result.result is Result.DONE and self._is_uncounted(action, context):
            return Judged(Result.NOT_RESERVED, not_reserved(action))
        if isinstance(result, Unauthorized) and self._acts_as_account_away(result):
            return Judged(Result.ACCOUNT_GONE, account_gone(result))
        return result

    def _record(self, action: Action, record: StepRun, result: Performed | Judged | LookedUp) -> StepRun:
        """Decide what follows from the result, and write it."""
        if isinstance(result, LookedUp):
            return self._record_look_up(action, record, result)
        now = timezone.now()
        decision = decide(
            result.result,
            repeat=action.repeat,
            age=age_of(record, now),
            record=kept_by(record),
            due=next_attempt(self.step, record, result, now=now),
        )
        return self._writer.apply(record, decision, _facts(record, result))

    def _record_look_up(self, action: Action, record: StepRun, said: LookedUp) -> StepRun:
        """Decide and write what follows from a look-up; one without an answer is repeated later."""
        now, why = timezone.now(), record.error or {}
        due = next_look_up(record, said, now=now)
        age = age_of(record, now)
        decision = decide(said.result, repeat=action.repeat, age=age, record=Record.LOOK_UP_DUE, due=due)
        # A look-up does not act.
        columns: dict[str, Any] = {
            "look_up": _LOOKED_UP[decision.then],
            "attempts": record.attempts - 1,
            "look_ups": record.look_ups + said.counts,
        }
        error = with_reason(why, said.reason) if decision.then is Then.ASK else why
        refused = said.answer if isinstance(said.answer, Unauthorized) else None
        self._writer.apply(record, decision, Facts(error, said.outputs, columns, refused))
        return self.make(record) if decision.then is Then.NEXT_KEY else record

    @property
    def _writer(self) -> Writer:
        return Writer(self.run, self.claim, self.step, self.is_last)

    def _check_gates(self) -> None:
        """Hold the run if a gate was closed when it was loaded: a first check, before any work."""
        if switch.is_stopped():
            raise self._held(HeldReason.SWITCH)
        if self.run.workflow.paused_at:
            raise self._held(HeldReason.PAUSED)
        if self.run.is_account_paused:
            raise self._held(HeldReason.ACCOUNT_PAUSED)
        if self.run.is_deauthorized and not self._is_of_account_away():
            raise self._held(HeldReason.DEAUTHORIZED)

    def _begin(self, record: StepRun) -> None:
        """Write the intent if all gates are open at that moment; otherwise hold the run."""
        try:
            start_step(self.claim, record, now=timezone.now(), gates=self._gates)
        except GateClosed as closed:
            raise self._held(closed.reason) from closed

    @property
    def _gates(self) -> Gates:
        return ALL_BUT_ACCESS if tells_of_access(self.run.event) else ALL

    def _held(self, reason: HeldReason) -> Stopped:
        return Stopped(RunStatus.HELD, self.step, held(reason.label), held_reason=reason)

    def _intent(self, action: Action, before: StepRun | None) -> StepRun:
        """The new row of this step, with rendered inputs; recorded as failed if rendering fails.

        After a look-up that did not find the call of `before`, the same call is sent again.
        """
        record = self._new_record(_next_group(before))
        record.idempotency_key = key_of(record)
        if before is not None and before.look_up == LookUp.NOT_FOUND:
            record.inputs = before.inputs
            return record
        try:
            inputs = rendered_inputs(action, self.step.inputs, self.scope, name_of=self.name_of)
            record.inputs = sanitize(inputs)
        except InputsError as error:
            self._record_failure(record, error.to_json())
            return record
        if self.covering and (refused := self._not_approved(action, record, before)):
            self._record_failure(record, refused)
        return record

    def _not_approved(self, action: Action, record: StepRun, before: StepRun | None) -> Failure | None:
        """Why people have not approved this call, if they were asked; None if they have.

        Raises `Stopped` while they are asked once more, since what they approved has changed.
        """
        given = Given(action, self.step, self.path, record.inputs or {})
        found = approved(self.run, given, self.covering, after=before.finished_at if before else None)
        if isinstance(found, Awaited):
            raise Stopped(RunStatus.WAITING, self.step, found.error, due_at=found.due)
        return found

    def _not_installed(self, record: StepRun | None) -> StepRun:
        error = not_installed(self.step.action)
        if not is_begun(record):
            record = self._new_record(_next_group(record))
            self._record_failure(record, error)
            return record
        # Without the action it is unknown whether the call only reads.
        is_open = record.may_have_acted or record.state is not StepStatus.WAITING
        kept = Record.OPEN if is_open else Record.CLEAN
        age = age_of(record, timezone.now())
        decision = decide(Result.NOT_INSTALLED, repeat=Repeat.ASK, age=age, record=kept)
        return self._writer.apply(record, decision, Facts(error))

    def _record_failure(self, record: StepRun, error: Failure) -> None:
        record.status = StepStatus.FAILED
        record.handled = self.step.handles_failure
        record.error = sanitize(error)
        record.finished_at = record.started_at
        try:
            record_step(self.claim, record, gates=self._gates)
        except GateClosed as closed:
            raise self._held(closed.reason) from closed

    def _new_record(self, group: int) -> StepRun:
        return StepRun.of(
            self.run,
            path=self.path,
            group=group,
            step_key=self.step.key,
            name=self.step.name,
            kind=self.step.kind,
            action=self.step.action,
            status=StepStatus.STARTED,
            started_at=timezone.now(),
        )

    def _is_uncounted(self, action: Action, context: ActionContext) -> bool:
        """Whether money has moved that the action did not reserve, although there is a limit."""
        is_reserved = isinstance(context.reserve, spending.Share) and context.reserve.is_taken
        if is_reserved or not action.moves_money:
            return False
        return bool(conf.get("APPROVE_ABOVE")) or spending.is_limited(self.run.workflow_id)

    def _acts_as_account_away(self, refused: Unauthorized) -> bool:
        """Whether the step was to act as an account that the run itself says is gone."""
        as_account = refused.code == Forbidden.default_code and not self.step.as_platform
        return as_account and self._is_of_account_away()

    def _is_of_account_away(self) -> bool:
        """Whether the run's own event says that the account has disconnected the application."""
        return self.run.is_deauthorized and tells_of_access(self.run.event)


def _facts(record: StepRun, result: Performed | Judged) -> Facts:
    """The columns that record the result of a call."""
    if isinstance(result, Done):
        is_found = result.result is Result.FOUND
        return Facts(outputs=result.outputs, columns={"look_up": LookUp.FOUND} if is_found else {})
    # A call that our own rate limit held back is no attempt.
    columns = {"attempts": record.attempts - 1} if result.result is Result.THROTTLED else {}
    refused = result if isinstance(result, Unauthorized) else None
    return Facts(result.to_json(), columns=columns, refused=refused)


def _next_group(record: StepRun | None) -> int:
    return record.group + 1 if record else 1
