"""A step that ends the whole run, in whatever lane it stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ChoiceInput, StringInput
from stripeflow.actions.wording import Worded
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Stop
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.rehearsal.results import End, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus, StepStatus

_RESULTS = ((RunStatus.SUCCEEDED, RunStatus.SUCCEEDED.label), (RunStatus.FAILED, RunStatus.FAILED.label))


class StopBlock(DeclaredBlock):
    """What ends as failed is alerted like any other failure."""

    kind = "stop"
    label = gettext_lazy("Stop")
    icon = "stop"
    description = gettext_lazy("End the whole run here, as succeeded or as failed, and say why.")
    ends_run = True
    inputs = (
        ChoiceInput(
            "result",
            label=gettext_lazy("The run ends as"),
            required=True,
            default=RunStatus.FAILED.value,
            choices=_RESULTS,
        ),
        StringInput(
            "reason",
            label=gettext_lazy("Why"),
            help_text=gettext_lazy("A sentence for the run’s history; for a failure, also for the alert."),
            required=True,
            max_length=500,
            shortens=True,
        ),
    )

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        if inputs["result"] == RunStatus.SUCCEEDED:
            return Stop(RunStatus.SUCCEEDED, None)
        # The sentence may hold values of the event.
        reason = Worded(inputs["reason"], _("The workflow ended the run as failed."))
        return Stop(RunStatus.FAILED, failure("stopped", reason))

    def note_input(self, inputs: Json) -> str:
        # A failure shows its sentence as the error of the run.
        return "reason" if inputs.get("result") == RunStatus.SUCCEEDED else ""

    def _again(self, plan: BlockPlan, turn: Turn, record: StepRun) -> Answer:
        if record.status == StepStatus.SUCCEEDED:
            return Stop(RunStatus.SUCCEEDED, None)
        return super()._again(plan, turn, record)

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = super().rehearse(step, walk)
        succeeds = step.inputs.get("result") == RunStatus.SUCCEEDED and not result.faults
        walk.end, walk.beyond = End.STOPPED if succeeds else End.FAILED, State.NOT_REACHED
        return result
