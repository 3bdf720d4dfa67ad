"""Writes what follows from an attempt; no other module does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone

from stripeflow.actions.errors import Forbidden, NoKey
from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.definition.plan import ActionPlan, StepPlan
from stripeflow.workflows.engine.context import account_of
from stripeflow.workflows.engine.decision_table import Decision, Then
from stripeflow.workflows.engine.loop_items import put_off_item
from stripeflow.workflows.engine.perform import Unauthorized
from stripeflow.workflows.engine.transitions import Claim, Leaving, end_step
from stripeflow.workflows.limits import pausing, spending
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.failures import Failure, public_sentence
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.states import RunStatus, StepStatus


class Stopped(Exception):
    """The walk cannot go on now: the run is left in `status` with `columns`."""

    def __init__(self, status: RunStatus, step: StepPlan, error: Failure | None, **columns: Any) -> None:
        super().__init__(status)
        self.status = status
        named = error and {"step_name": step.name, **error, "step": step.key}
        self.columns = {"error": sanitize(named), **columns}
        # Whether the run was left together with the step's outcome.
        self.is_left = False
        # Called once the run is left.
        self.left: Callable[[], None] | None = None


@dataclass(frozen=True)
class Facts:
    """The columns of the step that are written with a decision, besides its state.

    `refused` is why the run is held, where it is.
    """

    error: Failure = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    refused: Unauthorized | None = None


@dataclass(frozen=True)
class Writer:
    """Writes the outcome of attempts at `step`. `is_last`: success ends the run by the same write."""

    run: Run
    claim: Claim
    step: ActionPlan
    is_last: bool

    def apply(self, record: StepRun, decision: Decision, facts: Facts) -> StepRun:
        """Write what follows from an attempt; returns the step with its recorded outcome.

        Raises `Stopped` if it has none yet, and `LostLease`.
        """
        match decision.then:
            case Then.SUCCEED:
                self._succeed(record, facts)
            case Then.FAIL:
                self._fail(record, facts, handled=self.step.handles_failure)
            case Then.NEXT_KEY:
                self._fail(record, facts, superseded_at=timezone.now())
            case Then.RETRY:
                self._wait_until(decision.due or timezone.now(), record, decision, facts)
            case Then.LOOK_UP:
                self._wait_until(timezone.now(), record, decision, facts, look_up=LookUp.DUE)
            case Then.HOLD:
                self._hold(record, decision, facts)
            case Then.ASK:
                self._ask(record, facts)
        return record

    def _succeed(self, record: StepRun, facts: Facts) -> None:
        leaving = Leaving(RunStatus.SUCCEEDED, {"error": None}) if self.is_last else None
        columns = {"outputs": sanitize(facts.outputs), "error": None, "finished_at": timezone.now()}
        end_step(self.claim, record, StepStatus.SUCCEEDED, leaving=leaving, **columns, **facts.columns)

    def _fail(self, record: StepRun, facts: Facts, **columns: Any) -> None:
        columns |= {"error": sanitize(facts.error), "finished_at": timezone.now(), **facts.columns}
        with transaction.atomic():
            end_step(self.claim, record, StepStatus.FAILED, **columns)
            # It did nothing, so its reservation is released; the next group reserves again.
            spending.give_back(record.idempotency_key)

    def _ask(self, record: StepRun, facts: Facts) -> NoReturn:
        if record.status != StepStatus.OUTCOME_UNKNOWN:
            columns = {"error": sanitize(facts.error), "finished_at": timezone.now(), "may_have_acted": True}
            end_step(self.claim, record, StepStatus.OUTCOME_UNKNOWN, **columns, **facts.columns)
        raise Stopped(RunStatus.OUTCOME_UNKNOWN, self.step, facts.error)

    def _wait_until(
        self, due: datetime, record: StepRun, decision: Decision, facts: Facts, **columns: Any
    ) -> NoReturn:
        """Let step and run wait for the next attempt; one write, so that no crash loses its time."""
        stop = Stopped(RunStatus.WAITING, self.step, facts.error, due_at=due)
        if self.claim.item is not None:
            # The run is left once the items beside it have come to a stop.
            with transaction.atomic():
                put_off_item(self.claim, due)
                self._wait(record, decision, facts, **columns)
            raise stop
        self._wait(record, decision, facts, leaving=Leaving(stop.status, stop.columns), **columns)
        stop.is_left = True
        raise stop

    def _wait(self, record: StepRun, decision: Decision, facts: Facts, **columns: Any) -> None:
        """Let the step wait for its next attempt, with the same key and inputs."""
        columns |= {"may_have_acted": decision.may_have_acted, **facts.columns}
        end_step(self.claim, record, StepStatus.WAITING, error=sanitize(facts.error), **columns)

    def _hold(self, record: StepRun, decision: Decision, facts: Facts) -> NoReturn:
        """Hold this run, and pause the workflow for the accounts that the reason concerns."""
        assert facts.refused is not None  # noqa: S101
        self._wait(record, decision, facts)
        raise paused(self.run, self.step, facts.refused)


def paused(run: Run, step: ActionPlan, refused: Unauthorized, *, at: StepPlan | None = None) -> Stopped:
    """Pause the workflow for the accounts whose calls would be refused again; returns how the run is left.

    A connected account can stop only what is its own. If our own key was refused for our own account,
    every account of the mode is concerned. The run stands at `step`, or `at` another one that calls for it.
    """
    whose, cause = AccountMode.of(run), PauseCause.REFUSED
    if refused.code in NoKey.codes:
        cause = PauseCause.NO_KEY
    elif refused.code != Forbidden.default_code and not account_of(run, step):
        whose = whose._replace(account=EVERY_ACCOUNT)
    # Everybody reads the reason of a pause.
    reason = public_sentence(refused.code, refused.message)
    pausing.pause_account(run.workflow_id, whose, reason, cause=cause)
    error, held_reason = refused.to_json(), HeldReason.ACCOUNT_PAUSED
    return Stopped(RunStatus.HELD, at or step, error, held_reason=held_reason)
