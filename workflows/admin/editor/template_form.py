"""The form of a ready-made workflow: its parameters."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import conf, people
from stripeflow.actions.inputs import MoneyInput
from stripeflow.workflows.workflow_templates import Parameter, WorkflowTemplate


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
            self.fields[parameter.name] = _FIELDS[parameter.kind](parameter, user)

    def values(self) -> dict[str, Any]:
        """The value of each parameter."""
        return {parameter.name: self.cleaned_data[parameter.name] for parameter in self.template.parameters}


def _money_field(parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
    declared = MoneyInput(
        parameter.name,
        label=parameter.label,
        help_text=parameter.help_text,
        required=True,
        default={**parameter.default, "currency": conf.get("DEFAULT_CURRENCY")},
        references=False,
    )
    return declared.form_field()


def _people_field(parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
    choices = [(one.get_username(), people.described(one)) for one in people.active_staff()]
    own = user.get_username() if user is not None else None
    return forms.MultipleChoiceField(
        label=parameter.label,
        help_text=parameter.help_text,
        choices=choices,
        initial=[own] if own in dict(choices) else [],
        widget=forms.SelectMultiple({"data-stripeflow-search": "", "size": str(min(len(choices), 6) or 1)}),
    )


_FIELDS = {"money": _money_field, "team_members": _people_field}
