"""What the steps that wait share: the due time is decided once, and recorded."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import OutputField, Outputs
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.waits.instants import LONGEST
from stripeflow.workflows.blocks.waits.words import too_long
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan, LanePlan
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop, Wait
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, Fault, LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.samples import Origin, Sampled
from stripeflow.workflows.rehearsal.walking import Walk, not_walked, not_walked_lane
from stripeflow.workflows.states import RunStatus


@dataclass(frozen=True)
class Decided:
    """Until when a run waits; or the key of the lane that it takes at once, or why it fails."""

    due: datetime
    lane: str = ""
    error: Failure | None = None

    def checked(self, since: datetime) -> "Decided":
        """The same, or the error of a wait that is too long."""
        return replace(self, error=too_long()) if self.due - since > LONGEST else self


class WaitingBlock(DeclaredBlock):
    """A step that waits until a moment that follows from its inputs and from when the run comes to it."""

    icon = "wait"
    waits = True
    outputs = Outputs(fields=(OutputField("until", gettext_lazy("Waited until"), "timestamp"),))

    @abstractmethod
    def decided(self, inputs: Json, since: datetime) -> Decided:
        """What becomes of a run that comes here at `since`. Pure; `inputs` are cleaned."""

    def _decided(self, plan: BlockPlan, inputs: Json, since: datetime) -> Decided:
        """The same, or the error of a lane that the step does not have."""
        found = self.decided(inputs, since)
        if found.lane and all(lane.key != found.lane for lane in plan.lanes):
            return replace(found, error=failure("empty_lane", worded(self._lane_missing(found.lane))))
        return found

    def _lane_missing(self, key: str) -> str:
        label = next(lane.label for lane in self.new_lanes if lane.key == key)
        return _("The branch “%s” has no steps. Add one, then start the run again.") % label

    # The run

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        found = self._decided(plan, inputs, since)
        if found.error is not None:
            return Stop(RunStatus.FAILED, found.error)
        if found.lane:
            return Enter(plan.lane(found.lane), outputs=_given(found.due))
        return Wait(found.due) if found.due > since else Next(_given(since))

    def woken(
        self, plan: BlockPlan, inputs: Json, *, due: datetime, since: datetime, scope: Mapping[str, Any]
    ) -> Answer:
        return Next(_given(due))

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.faults:
            return _failed(result, walk)
        if result.unknown_inputs or walk.is_at_open:
            return _open(result, step, walk)
        found = self._decided(step, self._declaration.clean(result.inputs), walk.at)
        if found.error is not None:
            fault = Fault(found.error["code"], str(found.error["message"]))
            return _failed(replace(result, state=State.WOULD_FAIL, faults=(fault,)), walk)
        waits = not found.lane and found.due > walk.at
        if waits:
            walk.at = found.due
        given = _given(walk.at)
        walk.scope.note(step.key, given)
        walk.is_at_made_up = walk.is_at_made_up or bool(result.depends_on)
        if walk.is_at_made_up:
            walk.made_up.add(step.key)
        outputs = Sampled(given, Origin.SAMPLE if walk.is_at_made_up else Origin.EVENT)
        lanes = _lanes(step, walk, found.lane)
        return replace(result, lanes=lanes, outputs=outputs, goes_on_at=found.due if waits else None)


def _given(until: datetime) -> Json:
    return {"until": int(until.timestamp())}


def _failed(result: StepResult, walk: Walk) -> StepResult:
    walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
    return result


def _open(result: StepResult, step: BlockPlan, walk: Walk) -> StepResult:
    """The result of a wait of which nobody knows when it ends, and so when later ones begin."""
    walk.unknown_steps.add(step.key)
    walk.is_at_open = True
    if step.lanes:
        walk.leave_open()
    lanes = tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes)
    return replace(result, lanes=lanes, is_wait_open=True)


def _lanes(step: BlockPlan, walk: Walk, taken: str) -> tuple[LaneResult, ...]:
    """What becomes of the lanes, if this one is taken; "" is none of them."""
    return tuple(_lane(lane, walk, taken) for lane in step.lanes)


def _lane(lane: LanePlan, walk: Walk, taken: str) -> LaneResult:
    if lane.key == taken:
        return LaneResult(lane.key, lane.role, WayState.TAKEN, walk.steps(lane.steps))
    return LaneResult(lane.key, lane.role, WayState.NOT_TAKEN, not_walked(lane.steps))
