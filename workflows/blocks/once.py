"""A step that lets a run pass once for each key and period: “this customer at most once in 7 days”."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import OutputField, Outputs
from stripeflow.actions.inputs import ChoiceInput, IntegerInput, StringInput
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.waits.instants import Unit, span
from stripeflow.workflows.blocks.waits.words import UNITS, amount_words
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop
from stripeflow.workflows.models import KeyUse
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.models.key_use import LONGEST
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_lane
from stripeflow.workflows.states import RunStatus

FIRST, AGAIN = "first", "again"
_TOO_LONG = "period_too_long"


class OnceBlock(DeclaredBlock):
    """The run that passes takes the lane `FIRST`, all others of the period take `AGAIN`; then both go on."""

    kind = "once"
    label = gettext_lazy("Once per key and period")
    icon = "once"
    description = gettext_lazy("Do something at most once per period for the same customer, object or text.")
    new_lanes = (
        NewLane(FIRST, gettext_lazy("The first time in the period")),
        NewLane(AGAIN, gettext_lazy("Each further time")),
    )
    chooses_lane_at_once = True
    inputs = (
        StringInput(
            "key",
            label=gettext_lazy("Key"),
            help_text=gettext_lazy("What counts as the same, such as {{ trigger.customer }}."),
            required=True,
            max_length=1000,
        ),
        IntegerInput(
            "amount",
            label=gettext_lazy("At most once in"),
            required=True,
            default=7,
            minimum=1,
            references=False,
        ),
        ChoiceInput(
            "unit",
            label=gettext_lazy("Unit"),
            help_text=gettext_lazy("A day is 24 hours. At most 400 days."),
            required=True,
            default=Unit.DAYS.value,
            choices=UNITS,
        ),
    )
    outputs = Outputs(fields=(OutputField("is_first", gettext_lazy("First time in the period"), "boolean"),))

    def title(self, step: Json) -> str:
        inputs = step.get("inputs", {})
        amount, unit = inputs.get("amount"), inputs.get("unit")
        if isinstance(amount, bool) or not isinstance(amount, int) or unit not in list(Unit):
            return str(self.label)
        return _("Once per key in %s") % amount_words(amount, Unit(unit))

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().problems(check)
        lanes = {lane["key"]: lane["steps"] for lane in check.step.get("branches", ())}
        if not lanes.get(FIRST):
            message = _(
                "“The first time in the period” has no steps. Move into it what may happen only once."
            )
            yield check.problem("branches", "empty_lane", message, branch=FIRST)

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        if _is_too_long(check.step["inputs"]):
            yield check.problem("inputs/amount", _TOO_LONG, _too_long_sentence(), field="amount")

    def decided_for(self, turn: Turn, plan: BlockPlan, inputs: Json, *, since: datetime) -> Answer:
        # Uses of keys are not kept for longer, so runs would pass too soon.
        if _is_too_long(inputs):
            return Stop(RunStatus.FAILED, failure(_TOO_LONG, worded(_too_long_sentence())))
        is_first = KeyUse.objects.claim(
            turn.walk.run,
            step_key=plan.key,
            path=turn.path,
            key=inputs["key"],
            every=span(inputs["amount"], Unit(inputs["unit"])),
            now=timezone.now(),
        )
        return _answer(plan, is_first=is_first)

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
            return result
        # Which run is the first shows only when it runs.
        walk.unknown_steps.add(step.key)
        walk.leave_open()
        return replace(result, lanes=tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes))

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        # Of no run in particular, nobody knows that it is the first.
        return _answer(plan, is_first=False)


def _answer(plan: BlockPlan, *, is_first: bool) -> Answer:
    key, outputs = FIRST if is_first else AGAIN, {"is_first": is_first}
    lane = next((lane for lane in plan.lanes if lane.key == key), None)
    return Enter(lane, outputs=outputs) if lane else Next(outputs)


def _too_long_sentence() -> str:
    return _("A period has at most %d days.") % LONGEST.days


def _is_too_long(inputs: Json) -> bool:
    try:
        return span(inputs["amount"], Unit(inputs["unit"])) > LONGEST
    except OverflowError:
        return True
