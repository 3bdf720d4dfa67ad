"""Stands in for a kind that is not installed: its steps load, are shown, and fail with that reason."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan, Builder
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.titles import key_in_words, step_title
from stripeflow.workflows.engine.frames import Answer, Stop
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.rehearsal.results import End, Fault, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_step
from stripeflow.workflows.states import RunStatus

_CODE = "kind_not_installed"


class MissingBlock(DeclaredBlock):
    """It is unknown what such a step does, so it counts as one that moves money and destroys."""

    kind = "missing"
    label = gettext_lazy("Not installed")
    icon = "missing"

    @property
    def has_lanes(self) -> bool:
        return True

    def title(self, step: Json) -> str:
        return key_in_words(step["key"])

    def is_missing(self, step: Json) -> bool:
        return True

    def declared(self, step: Json) -> Action | None:
        return None

    def moves_money(self, step: Json) -> bool:
        return True

    is_destructive = changes_customers = writes_to_customers = sends_values = moves_money

    def only_reads(self, step: Json) -> bool:
        return False

    def asks(self, step: BlockPlan) -> bool:
        return True

    def plan(self, step: Json, path: str, builder: Builder) -> BlockPlan:
        return replace(super().plan(step, path, builder), block=step["type"])

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield check.problem("type", _CODE, _sentence(check.step))

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        return Stop(RunStatus.FAILED, failure(_CODE, worded(_sentence(plan.head))))

    def _asked(
        self, plan: BlockPlan, turn: Any, waiting: StepRun | None, since: datetime
    ) -> tuple[Json, Answer]:
        return {}, self.act(plan, {}, since=since, scope=turn.scope)

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
        fault = Fault(_CODE, _sentence(step.head))
        return replace(not_walked_step(step), state=State.WOULD_FAIL, faults=(fault,))


def _sentence(step: Json) -> str:
    return _("The step “%(step)s” is of the kind “%(kind)s”, which is not installed. Delete it.") % {
        "step": step_title(step),
        "kind": step["type"],
    }
