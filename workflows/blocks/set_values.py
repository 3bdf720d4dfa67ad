"""A step that gives names to values, for later steps to refer to. It does nothing else."""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action, Outputs
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.computing import ComputingBlock, NotComputed
from stripeflow.workflows.blocks.typed_values import TYPES, TypedValuesInput, output_fields, text_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.referring import reference_problems
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.references import Reference, TemplateError, parse
from stripeflow.workflows.references.currencies import currency_beside
from stripeflow.workflows.references.template import FilterCall

_CURRENCY_MISSING = "no_currency"


class SetValuesBlock(ComputingBlock):
    """Its outputs follow from its rows: each later step knows their names and types."""

    kind = "set_values"
    label = gettext_lazy("Set values")
    icon = "values"
    gives_result = True
    description = gettext_lazy("Give names to values, and refer to them in later steps.")
    inputs = (
        TypedValuesInput(
            "values",
            label=gettext_lazy("Values"),
            help_text=gettext_lazy(
                "Later steps refer to each value by its name. Write a date as 2026-01-31, and an amount "
                "as 48.00 USD."
            ),
            required=True,
        ),
    )

    def declared(self, step: Json) -> Action:
        declaration = copy(self._declaration)
        fields = output_fields(step.get("inputs", {}).get("values"))
        declaration.outputs = Outputs(fields=fields)  # type: ignore[misc]  # of this step, not of its kind
        return declaration

    def gives(self, step: Json) -> bool:
        return True

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().problems(check)
        for path, text in self._declaration.templates(check.step.get("inputs", {})):
            row = check.step["inputs"]["values"][int(path.split(".")[1])]
            yield from _type_problems(check, path, row, text)

    def computed(self, plan: BlockPlan, inputs: Json, scope: Mapping[str, Any]) -> Json:
        try:
            return _values(plan, inputs, scope)
        except ValueError as error:
            raise NotComputed(_CURRENCY_MISSING, worded(str(error)), "values") from error


def _values(plan: BlockPlan, inputs: Json, scope: Mapping[str, Any]) -> Json:
    """The cleaned values by their names. Raises ValueError for an amount without a currency."""
    rows = zip(plan.inputs["values"], inputs["values"], strict=True)
    return {row["name"]: _whole(raw, row["value"], scope) for raw, row in rows}


def _whole(raw: Json, value: Any, scope: Mapping[str, Any]) -> Any:
    """The value; an amount of a reference with the currency that stands beside it there."""
    if raw["type"] != "amount" or isinstance(value, dict):
        return value
    path = parse(text_of(raw)).references[0].path
    return {"amount": value, "currency": currency_beside(path, scope).lower()}


def _type_problems(check: StepCheck, path: str, row: Json, text: str) -> Iterator[Problem]:
    """References to values of another type, and to amounts without a currency."""
    wanted = {"kind"}
    if row["type"] == "amount":
        text, wanted = _as_money(text), {"kind", "filter"}
        takes = frozenset[str]()
    else:
        takes = TYPES[row["type"]].takes
    for found in reference_problems(text, check.known, takes=takes):
        if found.code in wanted:
            message = f"{row['name']}: {found.message}"
            place = f"inputs/{path.replace('.', '/')}"
            yield check.problem(place, found.code, message, field="values", severity=found.severity)


def _as_money(text: str) -> str:
    """The reference as it would be shown as money, which needs an amount and its currency."""
    try:
        template = parse(text)
    except TemplateError:
        return text
    if not template.is_single:
        return text
    shown = Reference(template.references[0].path, (FilterCall("money"),))
    return f"{{{{ {shown} }}}}"
