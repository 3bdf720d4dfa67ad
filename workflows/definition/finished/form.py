"""How people choose other workflows."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from stripeflow.workflows.definition.finished.setting import MAX_WORKFLOWS
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.other_workflows import OtherWorkflow, choices


class WorkflowsField(forms.MultipleChoiceField):
    """Any number of workflows. Its value is a list of references, as a document has it."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, required=False)
        self._by_id: dict[str, OtherWorkflow] = {str(one.id): one for one in choices()}
        self._show_choices()

    def show(self, raw: Any) -> None:
        """Offer what is saved, too, although it is not here or archived: so that it can be taken away."""
        for one in raw or ():
            self._by_id.setdefault(str(one["id"]), OtherWorkflow(one["id"], one["name"]))
        self._show_choices()

    def prepare_value(self, value: Any) -> Any:
        return _ids(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _ids(initial) != _ids(data)

    def clean(self, value: Any) -> list[Json]:
        chosen = [self._by_id[one].reference for one in super().clean(_ids(value))]
        if len(chosen) > MAX_WORKFLOWS:
            raise ValidationError(_("Choose at most %d workflows, or none for any.") % MAX_WORKFLOWS)
        return chosen

    def _show_choices(self) -> None:
        self.choices = [(key, one.name) for key, one in self._by_id.items()]


def _ids(value: Iterable[Any] | None) -> list[str]:
    return [str(one["id"] if isinstance(one, dict) else one) for one in value or ()]
