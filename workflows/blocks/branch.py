"""A step that takes one of several ways: the first whose conditions are met, else “All other cases”."""

from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import BranchPlan, Builder, WayPlan
from stripeflow.workflows.definition.undecided import rules_of
from stripeflow.workflows.engine.deciding import decide
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Stop
from stripeflow.workflows.engine.transitions import record_step
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.rehearsal.branches import rehearse_branch
from stripeflow.workflows.rehearsal.tried import StepTried
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus, StepStatus


class BranchBlock(Block):
    kind = "branch"

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        return tuple(_lane(own, f"branches/{number}") for number, own in enumerate(step["branches"]))

    def title(self, step: Json) -> str:
        return _("Branch on conditions")

    def plan(self, step: Json, path: str, builder: Builder) -> BranchPlan:
        ways = tuple(
            WayPlan(
                key=lane.key,
                name=lane.own.get("name", ""),
                conditions=None
                if lane.role is Role.OTHERWISE
                else builder.group(lane.own["conditions"], f"{path}/{lane.path}/conditions"),
                steps=steps,
                if_unknown=rule,
            )
            for (lane, steps), rule in zip(builder.inside(step, path), rules_of(step), strict=True)
        )
        return BranchPlan(step["key"], step.get("name", ""), ways)

    def run(self, step: BranchPlan, turn: Turn) -> Answer:
        """Take the branch that was recorded, or decide now; the choice is recorded, never made twice.

        The run stops where a person has to choose it.
        """
        record = turn.record or self._choose(step, turn)
        if record.status == StepStatus.WAITING:
            return Stop(
                RunStatus.HELD, _undecided(step.name or self.title({})), {"held_reason": HeldReason.UNDECIDED}
            )
        return Enter(step.lane(record.branch_key))

    def rehearse(self, step: BranchPlan, walk: Walk) -> StepTried:
        return rehearse_branch(walk, step)

    def _choose(self, step: BranchPlan, turn: Turn) -> StepRun:
        now = timezone.now()
        decision = decide(step, partial(turn.judged, now=now))
        taken = decision.way
        record = turn.new_record(
            status=StepStatus.SUCCEEDED if taken else StepStatus.WAITING,
            branch_key=taken.key if taken else "",
            explanation=sanitize(decision.to_json()),
            started_at=now,
            finished_at=now if taken else None,
        )
        record_step(turn.walk.claim, record)
        return record


def _undecided(title: str) -> dict[str, Any]:
    """The error of a run whose branch a person has to choose."""
    message = _("A condition is unknown, so it is not decided which branch is taken.")
    return failure("undecided", worded(message), step_name=title)


def _lane(own: Json, path: str) -> Lane:
    is_last = bool(own.get("otherwise"))
    label = _("All other cases") if is_last else _("If these conditions are met")
    role = Role.OTHERWISE if is_last else Role.CONDITION
    return Lane(own["key"], role, own.get("name") or label, path, own)
