"""A step that does something: one action of the registry of `actions`."""

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, ActsAs
from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import ActionPlan, Builder
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.titles import key_in_words
from stripeflow.workflows.engine.attempt import Attempt, is_recorded
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.rehearsal.calls import rehearse_action
from stripeflow.workflows.rehearsal.tried import StepTried
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus, StepStatus


class ActionBlock(Block):
    kind = "action"

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        own = step.get("error_branch")
        if not own:
            return ()
        return (Lane(ERROR_BRANCH_KEY, Role.ERROR, _("If it fails"), "error_branch", own),)

    def title(self, step: Json) -> str:
        action = registry.find(step["action"])
        return str(action.label) if action else key_in_words(step["key"])

    def plan(self, step: Json, path: str, builder: Builder) -> ActionPlan:
        return ActionPlan(
            key=step["key"],
            name=step.get("name", ""),
            action=step["action"],
            inputs=step.get("inputs", {}),
            on_error=step.get("on_error", "stop"),
            as_platform=step.get("acts_as") == ActsAs.PLATFORM,
            retry=step.get("retry", {}),
            error_steps=next((steps for _lane, steps in builder.inside(step, path)), ()),
        )

    def run(self, step: ActionPlan, turn: Turn) -> Answer:
        record = self._recorded(step, turn)
        if record.status == StepStatus.SUCCEEDED:
            turn.give(record.outputs)
        if record.status != StepStatus.FAILED:
            return Next()
        if not step.handles_failure:
            return Stop(RunStatus.FAILED, record.error)
        return self._error_branch(step, turn, record) if step.error_steps else Next()

    def _recorded(self, step: ActionPlan, turn: Turn) -> StepRun:
        """The recorded outcome, after an attempt if there is none yet. Raises `Stopped`."""
        record, walk = turn.record, turn.walk
        if is_recorded(record):
            return record
        walk.make_room(step)
        names = value_names(walk.plan)
        attempt = Attempt(walk.run, walk.claim, step, turn.scope, turn.path, turn.is_last, names)
        record = attempt.make(record)
        walk.is_left = turn.is_last and record.status == StepStatus.SUCCEEDED
        return record

    def _error_branch(self, step: ActionPlan, turn: Turn, record: StepRun) -> Enter:
        """Run what stands in place of all that follows a failed step.

        That it is taken follows from the step's record and its version, so that every worker decides the
        same.
        """
        error = record.error or {}
        turn.give({"error": {name: error.get(name, "") for name in ("message", "code")}})
        return Enter(step.lane(ERROR_BRANCH_KEY), instead=True)

    def rehearse(self, step: ActionPlan, walk: Walk) -> StepTried:
        return rehearse_action(walk, step)

    def asks(self, step: ActionPlan) -> bool:
        action = registry.find(step.action)
        return action is None or action.repeat is Repeat.ASK

    def gives(self, step: Json) -> bool:
        return True
