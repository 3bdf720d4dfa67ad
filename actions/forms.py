"""The form of a step, generated from the declared inputs of its action."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.forms import BoundField

from stripeflow.actions.base import Action
from stripeflow.actions.form_fields import RawField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.secret_field import SecretField

# With more fields than this under "More fields", they are searched.
LONG = 12


class ActionForm(forms.Form):
    """Shows and takes the raw inputs of one action; made by `build_form`.

    With `draft=True` required inputs may stay empty, and inputs need not fit together yet: such a step can
    be saved, and activation asks for the rest.
    """

    action: ClassVar[Action]
    template_name = "stripeflow/actions/form.html"

    class Media:
        css: ClassVar = {"all": ["stripeflow/actions/forms.css"]}

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        for name, field in self.fields.items():
            field.required = field.required and not draft
            if isinstance(field, RawField):
                field.show(self.get_initial_for_field(field, name))

    @classmethod
    def from_raw(cls, raw: Mapping[str, Any], *args: Any, **kwargs: Any) -> Self:
        """Return a form that shows saved inputs; other arguments (`data`, `prefix`, `draft`) are Form's."""
        # Every name is given, or an input that was left empty would show its default again.
        initial = {name: raw.get(name) for name in cls.action.input_names}
        return cls(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.draft and not self.errors:
            for problem in self.action.check_together(self.cleaned_inputs()):
                self.add_error(problem.path.split(".")[0], problem.message)
        return cleaned

    def cleaned_inputs(self) -> dict[str, Any]:
        """Return the raw inputs of a valid form, without empty ones.

        A secret that was typed is a `TypedSecret`: the code that saves the form stores it under a name.
        """
        values = {}
        for declared in self.action.inputs:
            value = self.cleaned_data.get(declared.name)
            if not declared.is_empty(value):
                values[declared.name] = value
        return values

    def main_fields(self) -> list[BoundField]:
        """Return the fields that are always visible: required ones first."""
        names = [declared for declared in self.action.inputs if not declared.advanced]
        return [self[declared.name] for declared in sorted(names, key=lambda declared: not declared.required)]

    def advanced_fields(self) -> list[BoundField]:
        """Return the fields under "More fields"."""
        return [self[declared.name] for declared in self.action.inputs if declared.advanced]

    def advanced_open(self) -> bool:
        """Return whether "More fields" has something to show: a value or an error."""
        return any(field.errors or field.value() not in (None, "", []) for field in self.advanced_fields())

    def get_context(self) -> dict[str, Any]:
        return {
            **super().get_context(),
            "main_fields": self.main_fields(),
            "advanced_fields": self.advanced_fields(),
            "advanced_open": self.advanced_open(),
            "is_long": len(self.advanced_fields()) > LONG,
            "field_count": len(self.fields),
        }


def build_form(action: Action) -> type[ActionForm]:
    """Return the form class of an action. Its fields are named as the inputs are."""
    fields = {declared.name: _field_of(declared) for declared in action.inputs}
    return type(f"{type(action).__name__}Form", (ActionForm,), {"action": action, **fields})


def _field_of(declared: InputField) -> forms.Field:
    return SecretField(declared) if declared.secret else declared.form_field()
