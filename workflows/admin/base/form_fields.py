"""A form's fields as what they were declared to be, to set what only those have."""

from typing import TypeVar

from django import forms

Declared = TypeVar("Declared", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[Declared]) -> Declared:
    """The field `name`. Raises `KeyError` if the form has none, and `TypeError` if it is no `kind`."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}, and no {kind.__name__}.")
    return field
