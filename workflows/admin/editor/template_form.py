"""The form of a ready-made workflow: its parameters."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.rehearsal.backtest import MAX_DAYS
from stripeflow.workflows.workflow_templates import WorkflowTemplate
from stripeflow.workflows.workflow_templates.parameter_kinds import KINDS

DAYS_FIELD = "backtest-days"
DAYS = 30


class TemplateForm(forms.Form):
    """The name of the copy, and a field for each parameter, preset so that saving at once makes sense."""

    name = forms.CharField(label=_("Name"), max_length=200)

    def __init__(
        self, *args: Any, template: WorkflowTemplate, user: AbstractBaseUser | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.template = template
        self.fields["name"].initial = str(template.name)
        for parameter in template.parameters:
            self.fields[parameter.name] = KINDS[parameter.kind].form_field(parameter, user)

        # After the parameters, and called like none of them: no name in Python has a hyphen.
        self.fields[DAYS_FIELD] = forms.IntegerField(
            label=_("Days back"), min_value=1, max_value=MAX_DAYS, initial=DAYS, required=False
        )

    def asked(self) -> list[forms.BoundField]:
        """The fields of the copy, without what a back-test asks for."""
        return [field for field in self if field.name != DAYS_FIELD]

    def document(self) -> Json:
        """The definition that a valid form makes."""
        return {**self.template.document(self.values()), "name": self.cleaned_data["name"]}

    def values(self) -> dict[str, Any]:
        """The value of each parameter."""
        return {parameter.name: self.cleaned_data[parameter.name] for parameter in self.template.parameters}
