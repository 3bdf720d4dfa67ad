"""What steps share that work something out of their settings, and do nothing else."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.engine.frames import Answer, Next, Stop
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, Fault, State, StepResult
from stripeflow.workflows.rehearsal.samples import Origin, Sampled
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus


class NotComputed(Exception):
    """The step fails, with this error. `field` names the setting that it is about."""

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field


class ComputingBlock(DeclaredBlock):
    """A step that gives values to later steps: the same for the same inputs, so a dry run knows them."""

    may_run_at_once = True

    @abstractmethod
    def computed(self, plan: BlockPlan, inputs: Json, scope: Mapping[str, Any]) -> Json:
        """What the step gives for cleaned inputs. Raises `NotComputed`."""

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        try:
            return Next(self.computed(plan, inputs, scope))
        except NotComputed as error:
            return Stop(RunStatus.FAILED, failure(error.code, error.message))

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.unknown_inputs:
            walk.unknown_steps.add(step.key)
            return result
        if not result.faults:
            result = self._expected(step, walk, result)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
        return result

    def _expected(self, step: BlockPlan, walk: Walk, result: StepResult) -> StepResult:
        """The result with what the step gives, or with the fault."""
        try:
            values = self.computed(step, self._declaration.clean(result.inputs), walk.scope)
        except NotComputed as error:
            fault = Fault(error.code, error.message, error.field)
            return replace(result, state=State.WOULD_FAIL, faults=(fault,))
        walk.scope.note(step.key, values)
        is_made_up = bool(result.depends_on) or walk.given.is_sample
        if is_made_up:
            walk.made_up.add(step.key)
        return replace(result, outputs=Sampled(values, Origin.SAMPLE if is_made_up else Origin.EVENT))
