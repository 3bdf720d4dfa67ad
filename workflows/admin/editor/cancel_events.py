"""The page of one event that ends a run: the conditions on it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.editor.conditions import CancelConditions, HomeAdmin
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.admin.editor.pieces import saved
from stripeflow.workflows.definition.cancel_when import FIELD
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.models import CancelEvent, Workflow


class CancelEventForm(GuardedForm):
    class Meta:
        model = CancelEvent
        fields = ("match",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["match"].required = False

    def clean_match(self) -> str:
        return self.cleaned_data["match"] or self.instance.match


@admin.register(CancelEvent)
class CancelEventAdmin(HomeAdmin[CancelEvent]):
    """The event itself is chosen on the trigger's page."""

    inlines = (CancelConditions,)
    fields = ("match",)

    def get_form(
        self, request: HttpRequest, obj: CancelEvent | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        kwargs["form"] = type("Form", (CancelEventForm,), {"workflow": self.workflow_of(saved(obj))})
        return super().get_form(request, obj, change, **kwargs)

    def workflow_of(self, obj: CancelEvent) -> Workflow:
        return obj.trigger.workflow

    def title_of(self, obj: CancelEvent | None) -> str:
        return _("Canceled when: %s") % saved(obj)

    def anchor_of(self, obj: CancelEvent) -> str:
        return "trigger"

    def draft_of(self, request: HttpRequest, obj: CancelEvent | None) -> str:
        return f"cancel_event:{saved(obj).pk}"

    def crumbs_of(self, obj: CancelEvent) -> list[tuple[str, str]]:
        address = reverse("admin:stripeflow_workflows_trigger_change", args=[obj.trigger_id])
        return [(address, _("Trigger"))]

    def problems_of(self, request: HttpRequest, obj: CancelEvent) -> Problems:
        return self.scope(request, obj).problems_at(f"/trigger/{FIELD}/{obj.position}/conditions")
