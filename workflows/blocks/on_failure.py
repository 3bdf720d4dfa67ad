"""Steps that run when the run would end as failed, whatever step of it has failed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import OutputField, Outputs
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json, Lane
from stripeflow.workflows.definition.plan import BlockPlan, LanePlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Next
from stripeflow.workflows.engine.on_failure import Begun
from stripeflow.workflows.engine.transitions import record_step
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.rehearsal.results import End, LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.walking import Walk, not_walked, not_walked_step
from stripeflow.workflows.states import StepStatus

FAILED = "failed"


class OnFailureBlock(DeclaredBlock):
    """Stands behind all other steps. A run that goes well passes it; one that would fail takes its lane.

    The run ends as failed all the same. What fails in the lane is recorded, and does not replace the reason.
    """

    kind = "on_failure"
    label = gettext_lazy("If the run fails")
    icon = "warning"
    description = gettext_lazy("Steps for when anything goes wrong: write to the team, undo, make a note.")
    new_lanes = (NewLane(FAILED, gettext_lazy("If the run would end as failed")),)
    chooses_lane_at_once = True
    may_duplicate = False
    runs_on_failure = True
    outputs = Outputs(
        fields=(
            OutputField("step", gettext_lazy("Step that failed"), "string"),
            OutputField("message", gettext_lazy("Error"), "string"),
            OutputField("code", gettext_lazy("Error code"), "string"),
        )
    )

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        # Any step may be the one that fails, so none of them is sure to have run.
        return tuple(replace(lane, knows_before=False) for lane in super().lanes(step))

    def facts(self, step: Json) -> Iterator[tuple[str, str]]:
        yield _("Runs"), _("Only if the run would end as failed. Not if it is canceled, held or unknown.")

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        place = check.place
        document = place.whole.document if place.whole else {"steps": []}
        counts = Counter(kinds.of(step).runs_on_failure for step in document["steps"])
        if place.inside:
            message = _("“If the run fails” is about the whole run. Move it behind the last step.")
            yield check.problem("type", "on_failure_inside", message)
        elif counts[True] > 1:
            message = _("The workflow has “If the run fails” more than once. Keep one, with all its steps.")
            yield check.problem("type", "on_failure_twice", message)
        elif place.behind:
            message = _("Steps follow “If the run fails”. Move it behind the last step.")
            yield check.problem("type", "on_failure_not_last", message)
        if not any(lane["steps"] for lane in check.step.get("branches", ())):
            message = _("“If the run fails” has no steps. Add one, or delete it.")
            yield check.problem("branches", "empty_lane", message, branch=FAILED)

    # The run

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        return Next()

    def run(self, plan: BlockPlan, turn: Turn) -> Answer:
        """Pass: nothing has failed."""
        return Next()

    def begin(self, plan: BlockPlan, turn: Turn, error: Failure | None) -> Begun | None:
        """Record that the run failed, once for each time that it does; None if there is nothing to do.

        A retry has superseded the record, so that a new failure runs the steps again, under paths of its own.
        """
        lane = next((lane for lane in plan.lanes if lane.steps), None)
        if lane is None:
            return None
        record = turn.record
        if record is None or record.superseded_at is not None:
            now = timezone.now()
            record = turn.new_record(
                group=record.group + 1 if record is not None else 1,
                status=StepStatus.SUCCEEDED,
                inputs={},
                outputs=sanitize(_given(error or {}, turn)),
                branch_key=lane.key,
                started_at=now,
                finished_at=now,
            )
            record_step(turn.walk.claim, record)
            turn.keep(record)
        turn.give(record.outputs)
        return Begun(lane, f"{turn.path}/{record.group}/")

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        """The lane is walked where the run is sure to fail; else it may run, if anything fails."""
        if walk.end is not End.FAILED:
            return replace(not_walked_step(step), lanes=tuple(map(_left_out, step.lanes)))
        walk.beyond = None
        walk.unknown_steps.add(step.key)
        lanes = tuple(
            LaneResult(lane.key, lane.role, WayState.TAKEN, walk.steps(lane.steps)) for lane in step.lanes
        )
        walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
        return StepResult(step.key, step.kind, State.WOULD_RUN, lanes)


def _left_out(lane: LanePlan) -> LaneResult:
    return LaneResult(lane.key, lane.role, WayState.NOT_TAKEN, not_walked(lane.steps))


def _given(error: Failure, turn: Turn) -> Json:
    step = turn.walk.plan.step(error.get("step", ""))
    return {
        "step": error.get("step_name") or (step_title(step.head) if step else ""),
        "message": error.get("message") or "",
        "code": error.get("code") or "",
    }
