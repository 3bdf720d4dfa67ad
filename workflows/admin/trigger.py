"""The trigger's page: the event, and the conditions under which it starts the workflow."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from triggers import catalogue
from workflows.admin.conditions import HomeAdmin, TriggerConditions
from workflows.admin.seen import seen_response
from workflows.definition.problems import Problems
from workflows.forms.choices import event_choices, event_label
from workflows.forms.guarded import GuardedForm
from workflows.forms.widgets import SearchableSelect
from workflows.models import Trigger, Workflow


class TriggerForm(GuardedForm):
    event_type = forms.CharField(
        label=gettext_lazy("Event"),
        widget=SearchableSelect({"data-sf-events": ""}),
        help_text=gettext_lazy(
            "What happens at Stripe. Common events come first; type to search the others."
        ),
        error_messages={"required": gettext_lazy("Choose the event that starts the workflow.")},
    )

    class Meta:
        model = Trigger
        fields = ("event_type", "match")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "match" in self.fields:
            self.fields["match"].required = False
        self.fields["event_type"].widget.choices = self._choices()

    def clean_event_type(self) -> str:
        key = self.cleaned_data["event_type"]
        if key != self.initial.get("event_type") and not catalogue.may_be_sent(key):
            raise ValidationError(_("“%s” cannot be an event of Stripe. Choose one from the list.") % key)
        return key

    def clean_match(self) -> str:
        return self.cleaned_data["match"] or self.instance.match

    def _choices(self) -> list[tuple[str, Any]]:
        """Every event, and the saved one even if the installed `stripe` does not know it any more."""
        saved = self.initial.get("event_type", "")
        known = {one.key for one in catalogue.event_types()}
        kept = [(saved, event_label(saved))] if saved and saved not in known else []
        return [*kept, *event_choices()]


@admin.register(Trigger)
class TriggerAdmin(HomeAdmin):
    """One trigger for each workflow, made with it."""

    inlines = (TriggerConditions,)

    def get_form(
        self, request: HttpRequest, obj: Trigger | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        kwargs["form"] = type("Form", (TriggerForm,), {"workflow": obj.workflow})
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Trigger | None = None) -> tuple[str, ...]:
        return ("event_type", "match") if obj and obj.event_type else ("event_type",)

    def get_inlines(self, request: HttpRequest, obj: Trigger | None) -> tuple[Any, ...]:
        """Conditions are chosen from the event's fields, so the event comes first."""
        return self.inlines if obj and obj.event_type else ()

    def get_urls(self) -> list[URLPattern]:
        seen = self.admin_site.admin_view(self.seen_view)
        return [
            path("<int:object_id>/seen/", seen, name="stripeflow_workflows_trigger_seen"),
            *super().get_urls(),
        ]

    def seen_view(self, request: HttpRequest, object_id: int) -> JsonResponse:
        """What recent events of this trigger held."""
        return seen_response(request, self.piece(request, str(object_id)).event_type)

    def workflow_of(self, obj: Trigger) -> Workflow:
        return obj.workflow

    def title_of(self, obj: Trigger | None) -> str:
        return _("Trigger")

    def anchor_of(self, obj: Trigger) -> str:
        return "trigger"

    def problems_of(self, request: HttpRequest, obj: Trigger) -> Problems:
        return self.scope(request, obj).problems_at("/trigger/conditions")
