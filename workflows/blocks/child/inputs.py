"""The settings of a step that runs another workflow: which one, and the values that it gets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import RawField, RowsField
from stripeflow.actions.inputs import InputField
from stripeflow.actions.inputs.rows import RowsInput
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.other_workflows import MAX_NAME, OtherWorkflow, choices, faults

_REFERENCE = re.compile(r"([1-9][0-9]{0,17}): (.{1,200})", re.DOTALL)


def reference_in(value: Any) -> Json | None:
    """The workflow that the setting names: “7: Refund” is the ID 7 and the name “Refund”."""
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return {"id": int(found[1]), "name": found[2]} if found else None


def written(other: OtherWorkflow) -> str:
    """How the setting names this workflow."""
    return f"{other.id}: {other.name}"


@dataclass(frozen=True)
class WorkflowInput(InputField):
    """One workflow of this installation, by its ID and its name."""

    references: bool = False

    kind: ClassVar[str] = "workflow"

    def check_raw(self, raw: Any) -> list[Problem]:
        if reference_in(raw) is not None:
            return []
        return [self.problem("invalid", self.say(_("“%(label)s” must be like “7: Name of the workflow”.")))]

    def check_current(self, raw: Any) -> list[Problem]:
        named = reference_in(raw)
        found = faults([named], str(self.label)) if named else ()
        return [self.problem(code, message) for _number, code, message in found]

    def clean_value(self, value: Any) -> str:
        if reference_in(value) is None:
            raise self.invalid(self.say(_("“%(label)s” must be like “7: Name of the workflow”.")))
        return str(value)

    def value_schema(self) -> Json:
        longest = MAX_NAME + 20
        return {"type": ["string", "null"], "maxLength": longest, "description": "7: Name of the workflow"}

    def form_field(self) -> forms.Field:
        return WorkflowField(self)


class WorkflowField(RawField):
    """A list of the workflows that there are; a saved one stays in it, also if it is not here any more."""

    def __init__(self, declared: WorkflowInput) -> None:
        super().__init__(declared, widget=forms.Select(choices=[("", _("Choose a workflow")), *_offered()]))

    def to_python(self, value: Any) -> str | None:
        return (value or "").strip() or None

    def prepare_value(self, value: Any) -> Any:
        widget = self.widget
        if value and isinstance(widget, forms.Select) and value not in dict(widget.choices):
            widget.choices = [*widget.choices, (value, value)]
        return value


@dataclass(frozen=True)
class ChildValuesInput(RowsInput):
    """Rows of an input's name and its value, which may be a reference and keeps its type then."""

    kind: ClassVar[str] = "child_values"
    name_key: ClassVar[str] = "input"

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        problems = super().check_row(index, row, earlier=earlier)
        if row["input"] in [other["input"] for other in earlier]:
            message = worded(_("The input “%(name)s” is given twice."), names={"name": row["input"]})
            problems.append(self.problem("twice", message, path=f"{index}.input"))
        return problems

    def clean_cell(self, row: dict[str, Any]) -> Any:
        return row["value"]

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Input"))

    def name_missing(self) -> str:
        return worded(_("A value needs the name of an input."))


def _offered() -> Iterable[tuple[str, str]]:
    return ((written(one), one.name) for one in choices())
