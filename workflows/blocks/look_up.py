"""A step that looks a key up in a table, which people type into its settings."""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action, OutputField, Outputs
from stripeflow.actions.inputs import ChoiceInput, StringInput
from stripeflow.actions.wording import Worded, worded
from stripeflow.workflows.blocks.computing import ComputingBlock, NotComputed
from stripeflow.workflows.blocks.table import TableInput, same
from stripeflow.workflows.blocks.typed_values import TYPES, fields_of
from stripeflow.workflows.conditions.field_types import WrongType
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck

FAIL, DEFAULT = "fail", "default"
_NOT_FOUND = "not_in_table"
_IS_FOUND = OutputField("is_found", gettext_lazy("Found in the table"), "boolean")


class LookUpBlock(ComputingBlock):
    kind = "look_up"
    label = gettext_lazy("Look up in a table")
    icon = "table"
    description = gettext_lazy("Find the value for a key in your own table.")
    inputs = (
        StringInput(
            "key",
            label=gettext_lazy("Key"),
            help_text=gettext_lazy("The key to look for. “ABC” and “abc” are different keys."),
            required=True,
            max_length=1000,
        ),
        ChoiceInput(
            "type",
            label=gettext_lazy("Type of the values"),
            required=True,
            default="text",
            choices=tuple((key, one.label) for key, one in TYPES.items()),
        ),
        TableInput("table", label=gettext_lazy("Table"), required=True),
        ChoiceInput(
            "otherwise",
            label=gettext_lazy("If the key is not in the table"),
            required=True,
            default=FAIL,
            choices=(
                (FAIL, gettext_lazy("Fail the step")),
                (DEFAULT, gettext_lazy("Use the value below")),
            ),
        ),
        StringInput(
            "default",
            label=gettext_lazy("Value if the key is not in the table"),
            references=False,
            max_length=1000,
        ),
    )

    def declared(self, step: Json) -> Action:
        declaration = copy(self._declaration)
        type_ = TYPES.get(str(step.get("inputs", {}).get("type")), TYPES["text"])
        fields = (*fields_of("value", type_), _IS_FOUND)
        declaration.outputs = Outputs(fields=fields)  # type: ignore[misc]  # of this step, not of its kind
        return declaration

    def gives(self, step: Json) -> bool:
        return True

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        inputs = check.step["inputs"]
        for number, row in enumerate(inputs["table"]):
            if fault := _fault(row["key"], row["value"], inputs["type"]):
                path = f"inputs/table/{number}/value"
                yield check.problem(path, "value", fault, field="table")
        default = inputs.get("default")
        needs_default = inputs["otherwise"] == DEFAULT and (default or inputs["type"] != "text")
        if needs_default and (fault := _fault(_default_label(), default or "", inputs["type"])):
            yield check.problem("inputs/default", "value", fault, field="default")

    def computed(self, plan: BlockPlan, inputs: Json, scope: Mapping[str, Any]) -> Json:
        return _looked_up(inputs)


def _looked_up(inputs: Json) -> Json:
    """What the step gives for cleaned inputs. Raises `NotComputed`."""
    key, type_ = same(inputs["key"]), inputs["type"]
    for row in inputs["table"]:
        if same(row["key"]) == key:
            return {"value": _read(row["key"], row["value"], type_, field="table"), "is_found": True}
    if inputs["otherwise"] == FAIL:
        raise NotComputed(_NOT_FOUND, _not_found(inputs["key"]), "key")
    value = _read(_default_label(), inputs["default"] or "", type_, field="default")
    return {"value": value, "is_found": False}


def _read(name: str, value: str, type_: str, *, field: str) -> Any:
    if fault := _fault(name, value, type_):
        raise NotComputed("value", fault, field)
    return TYPES[type_].read(value)


def _default_label() -> str:
    return str(next(one.label for one in LookUpBlock.inputs if one.name == DEFAULT))


def _not_found(key: str) -> Worded:
    return worded(_("The key “%(key)s” is not in the table."), key=key)


def _fault(name: str, value: str, type_: str) -> str:
    """Why a value of the table, or the one otherwise, is not of its type."""
    try:
        TYPES[type_].read(value)
    except WrongType:
        message = _("The value of “%(name)s” must be %(wanted)s.")
        return worded(message, names={"name": name, "wanted": TYPES[type_].wanted})
    return ""
