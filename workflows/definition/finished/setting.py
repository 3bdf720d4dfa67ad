"""The settings of the trigger: on which ends of which workflows."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text
from stripeflow.triggers.types.base import Fault, SettingProblem, Settings
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.other_workflows import REFERENCE, faults
from stripeflow.workflows.states import RunStatus

# What a run may end as, and its worker leaves it to people: the names of `RunStatus`.
ENDS: tuple[RunStatus, ...] = (
    RunStatus.SUCCEEDED,
    RunStatus.FAILED,
    RunStatus.OUTCOME_UNKNOWN,
    RunStatus.CANCELED,
)
ENDS_AS, OF_WORKFLOWS = "ends_as", "of_workflows"
MAX_WORKFLOWS = 20


def ends_in(settings: Settings) -> tuple[RunStatus, ...]:
    """The ends that were chosen, in our order."""
    chosen = settings.get(ENDS_AS) or ()
    return tuple(one for one in ENDS if one.value in chosen)


def workflows_in(settings: Settings) -> tuple[Json, ...]:
    """The workflows that were chosen, as references; none is any."""
    return tuple(settings.get(OF_WORKFLOWS) or ())


@dataclass(frozen=True)
class EndsSetting:
    """On which ends: a list of states."""

    name: str
    _: KW_ONLY
    label: Text
    help_text: Text = ""
    default: Any = None
    required: bool = True
    secret: bool = False

    def is_empty(self, value: Any) -> bool:
        """Whether nobody has chosen."""
        return not value

    def check(self, raw: Any) -> Iterable[Fault]:
        """Yield that nothing is chosen. What a list may hold, the schema says."""
        if not raw:
            yield SettingProblem(self.name, "missing", str(_("Choose how the other workflow ends.")))

    def json_schema(self) -> Json:
        """Return the schema of the list."""
        items = {"enum": [one.value for one in ENDS]}
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": items}

    def form_field(self) -> forms.Field:
        """Return one box for each."""
        return forms.MultipleChoiceField(
            label=self.label,
            help_text=self.help_text,
            choices=[(one.value, one.label) for one in ENDS],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose how the other workflow ends.")},
        )


@dataclass(frozen=True)
class WorkflowsSetting:
    """Of which workflows: a list of references. None is any."""

    # A template of another installation's, or of a person's who may not see them, leaves them out.
    names_workflows: ClassVar[bool] = True

    name: str
    _: KW_ONLY
    label: Text
    help_text: Text = ""
    default: Any = None
    required: bool = False
    secret: bool = False

    def is_empty(self, value: Any) -> bool:
        """Whether none is chosen."""
        return not value

    def check(self, raw: Any) -> Iterable[Fault]:
        """Yield what names no workflow of here."""
        for number, code, message in faults(raw or (), str(self.label)):
            yield SettingProblem(f"{self.name}.{number}", code, message)

    def json_schema(self) -> Json:
        """Return the schema of the list."""
        return {"type": "array", "maxItems": MAX_WORKFLOWS, "items": REFERENCE}

    def form_field(self) -> forms.Field:
        """Return a list of the workflows that there are."""
        from stripeflow.workflows.definition.finished.form import WorkflowsField

        return WorkflowsField(label=self.label, help_text=self.help_text)
