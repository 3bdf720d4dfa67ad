"""Reads the pages of a list behind the one that a step gave, by that step's own action, account and rules.

Reading acts on nothing: a page that no row holds yet is read again, and what is recorded never is.
"""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from stripeflow.actions.base import Action
from stripeflow.actions.errors import Forbidden
from stripeflow.workflows import conf
from stripeflow.workflows.definition.plan import ActionPlan, StepPlan
from stripeflow.workflows.definition.retry import default_policy
from stripeflow.workflows.engine.attempt_case import next_try
from stripeflow.workflows.engine.attempt_errors import account_gone, interrupted
from stripeflow.workflows.engine.context import context_of
from stripeflow.workflows.engine.decision_table import Age, Decision, Record, Result, Then, decide
from stripeflow.workflows.engine.loop_items import ask_for_page, not_asked
from stripeflow.workflows.engine.one_at_a_time import turn_of
from stripeflow.workflows.engine.perform import Done, Judged, Performed, Unauthorized, perform
from stripeflow.workflows.engine.recording import Stopped, paused
from stripeflow.workflows.engine.transitions import Claim
from stripeflow.workflows.limits.deauthorized import tells_of_access
from stripeflow.workflows.limits.gates import ALL, ALL_BUT_ACCESS, GateClosed
from stripeflow.workflows.models import Loop, Run, StepRun
from stripeflow.workflows.models.failures import Failure, held
from stripeflow.workflows.states import RunStatus


class PageFailed(Exception):
    """A page cannot be read: why."""

    def __init__(self, error: Failure) -> None:
        super().__init__(error["code"])
        self.error = error


@dataclass(frozen=True)
class Listing:
    """A step that has given a page of a list, with its action and its recorded row."""

    action: Action
    step: ActionPlan
    record: StepRun

    @property
    def page(self) -> dict[str, Any]:
        """The page as it was recorded; one that was too large for its row has no `data`."""
        return self.record.outputs or {}

    def inputs_behind(self, after: str, *, most: int) -> dict[str, Any] | None:
        """The inputs that read the page behind an id; None if the list has no further pages."""
        return self.action.next_page(self.record.inputs or {}, after=after, most=most)


@dataclass(frozen=True)
class PageReader:
    """Reads the next page of `loop` under `claim`. The run stands at `step`, which is the loop's."""

    run: Run
    claim: Claim
    step: StepPlan
    loop: Loop
    listing: Listing

    def read(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The page that these inputs read, as the action gives it.

        Raises `PageFailed`, `Stopped` where it is to be read later, and `LostLease`.
        """
        self._check_attempts()
        with turn_of(self.listing.action, self.step):
            self._ask()
            context = context_of(self.run, self.listing.step, self.listing.record)
            result = self._judged(perform(self.listing.action, inputs, context, is_bounded=False))
        if isinstance(result, Done):
            return result.outputs
        raise self._reason(result)

    def _check_attempts(self) -> None:
        """Give up on a page that ends each of its workers."""
        policy = default_policy().with_own(self.listing.step.retry)
        if self.loop.attempts >= policy.max_attempts + conf.get("MAX_INTERRUPTIONS"):
            raise PageFailed(interrupted())

    def _ask(self) -> None:
        """Write the intent if all gates are open at that moment; otherwise the run is held."""
        gates = ALL_BUT_ACCESS if tells_of_access(self.run.event) else ALL
        try:
            ask_for_page(self.claim, self.loop, gates=gates)
        except GateClosed as closed:
            why, reason = held(closed.reason.label), closed.reason
            raise Stopped(RunStatus.HELD, self.step, why, held_reason=reason) from closed

    def _judged(self, result: Performed) -> Performed | Judged:
        """The result, with what the engine knows of an account that has gone."""
        is_refused = isinstance(result, Unauthorized) and result.code == Forbidden.default_code
        is_gone = self.run.is_deauthorized and tells_of_access(self.run.event)
        if isinstance(result, Unauthorized) and is_refused and is_gone and not self.listing.step.as_platform:
            return Judged(Result.ACCOUNT_GONE, account_gone(result))
        return result

    def _reason(self, result: Performed | Judged) -> Stopped | PageFailed:
        """What follows from a page that was not read, as from any call that only reads."""
        decision = self._decision(result)
        if isinstance(result, Unauthorized) and decision.then is Then.HOLD:
            return paused(self.run, self.listing.step, result, at=self.step)
        error = {} if isinstance(result, Done) else result.to_json()
        if decision.then is not Then.RETRY:
            return PageFailed(error)
        if result.result is Result.THROTTLED:
            not_asked(self.claim, self.loop)
        return Stopped(RunStatus.WAITING, self.step, error, due_at=decision.due or timezone.now())

    def _decision(self, result: Performed | Judged) -> Decision:
        now, loop = timezone.now(), self.loop
        began = loop.asked_since or now
        due = next_try(self.listing.step, result, attempts=loop.attempts, began=began, now=now)
        repeat = self.listing.action.repeat
        return decide(result.result, repeat=repeat, age=Age.FRESH, record=Record.CLEAN, due=due)
