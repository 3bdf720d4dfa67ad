"""A loop over a list that the run knows: of its event, or of an earlier step."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ListInput
from stripeflow.workflows.blocks.loop.base import RULES, LoopingBlock, NotRead, Read
from stripeflow.workflows.blocks.loop.rules import AtLimit, incomplete
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Next
from stripeflow.workflows.references import MissingValue, Scope, TemplateError, format_path, parse, resolve
from stripeflow.workflows.rehearsal.walking import Walk

_LIST = "list"


class LoopBlock(LoopingBlock):
    kind = "loop"
    label = gettext_lazy("Loop over a list")
    description = gettext_lazy("Run steps once for each item of a list, one after the other.")
    inputs = (
        ListInput(
            _LIST,
            label=gettext_lazy("List"),
            help_text=gettext_lazy(
                "A list of the trigger or of an earlier step, such as {{ trigger.lines }}."
            ),
            required=True,
        ),
        *RULES,
    )

    def known_list(self, plan: BlockPlan, turn: Turn, inputs: Json) -> Read:
        takes_less = inputs["at_limit"] == AtLimit.TAKE_FIRST
        if not takes_less and is_incomplete(plan.inputs.get(_LIST), turn.scope):
            raise NotRead(incomplete())
        return Read(inputs[_LIST])

    def expected(self, plan: BlockPlan, walk: Walk, inputs: Json) -> tuple[Sequence[Any] | None, str]:
        return inputs[_LIST], ""

    def kept_inputs(self, inputs: Json) -> Json:
        return {name: value for name, value in inputs.items() if name != _LIST}

    def list_path(self, step: Json) -> str:
        return path_of_list(step.get("inputs", {}).get(_LIST))

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().further_problems(check)
        path = self.list_path(check.step)
        found = check.known.find(check.known.list_at(path)) if path else None
        if found is not None and not found.guessed and found.type not in ("list", "any"):
            message = _("“%s” is not a list. Choose a list.") % found.label
            yield check.problem(f"inputs/{_LIST}", "not_a_list", message, field=_LIST)

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        return Next()


def path_of_list(template: object) -> str:
    """The path of the list that a setting refers to; "" where no one path has its items."""
    try:
        parsed = parse(template) if isinstance(template, str) else None
    except TemplateError:
        return ""
    if parsed is None or not parsed.is_single or parsed.references[0].filters:
        return ""
    return format_path(parsed.references[0].path)


def is_incomplete(template: object, scope: Scope) -> bool:
    """Whether Stripe says of a list that it has sent only the first items."""
    try:
        path = parse(str(template)).references[0].path
        found = resolve(path[:-1] if path[-1] == "data" else path, scope)
    except (TemplateError, MissingValue, IndexError):
        return False
    return isinstance(found, dict) and found.get("has_more") is True
