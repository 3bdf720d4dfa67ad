"""The form of a workflow's own fields."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import people
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.models import Workflow


class OwnerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return people.described(obj)


OWNER_HELP = _("Is notified when a run fails or the workflow is paused.")


class WorkflowForm(GuardedForm):
    """Description and owner; a new one has a name, and no owner to choose, since it is its maker's."""

    owner = OwnerField(
        label=_("Owner"),
        queryset=get_user_model().objects.none(),
        required=False,
        help_text=OWNER_HELP,
        widget=forms.Select({"data-stripeflow-search": ""}),
    )

    class Meta:
        model = Workflow
        fields = ("name", "description", "owner")
        # For people who only read the page, to whom Django shows it without the field above.
        help_texts = {"owner": OWNER_HELP}
        widgets = {"description": forms.Textarea({"rows": "3"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            staff = people.active_staff()
            saved = type(self.instance).owner.field.related_model.objects.filter(pk=self.instance.owner_id)
            field_of(self, "owner", forms.ModelChoiceField).queryset = (staff | saved).distinct()

    def guarded(self) -> Workflow | None:
        return self.instance if self.instance.pk is not None else None
