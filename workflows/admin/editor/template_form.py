"""The form of a ready-made workflow: its parameters."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.workflow_templates import WorkflowTemplate
from stripeflow.workflows.workflow_templates.parameter_kinds import KINDS


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

    def values(self) -> dict[str, Any]:
        """The value of each parameter."""
        return {parameter.name: self.cleaned_data[parameter.name] for parameter in self.template.parameters}
