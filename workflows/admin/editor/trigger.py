"""The trigger's page: the event, and the conditions under which it starts the workflow."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.triggers.types import registry
from stripeflow.workflows.admin.editor.conditions import HomeAdmin, TriggerConditions
from stripeflow.workflows.admin.editor.pieces import PiecePage, saved
from stripeflow.workflows.admin.editor.seen import seen_response
from stripeflow.workflows.admin.editor.trigger_form import (
    SCOPE_FIELDS,
    chosen_type,
    form_of,
    has_choice,
    names_of,
    plan_in,
)
from stripeflow.workflows.definition.cancel_when import cancel_events, is_on_cancel_conditions
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.models import Trigger, Workflow
from stripeflow.workflows.schedules.showing import progress_of


class SeenPage(PiecePage):
    """What recent events of this trigger held."""

    name = "seen"

    def get(self, request: HttpRequest, piece: Trigger) -> JsonResponse:
        return seen_response(request, TriggerPlan(piece.type, piece.settings), piece.workflow_id)


class OutlookPage(PiecePage):
    """What the unsaved settings come to: the next times of a schedule."""

    name = "outlook"
    template = "stripeflow/workflows/admin/outlook.html"

    def post(self, request: HttpRequest, piece: Trigger) -> HttpResponse:
        return TemplateResponse(request, self.template, {"outlook": plan_in(request.POST, piece).outlook})


@admin.register(Trigger)
class TriggerAdmin(HomeAdmin[Trigger]):
    """One trigger for each workflow, created with it."""

    pages = (*HomeAdmin.pages, SeenPage, OutlookPage)
    inlines = (TriggerConditions,)

    def get_form(
        self, request: HttpRequest, obj: Trigger | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        row = saved(obj)
        kwargs["form"] = form_of(row, _chosen(request, row))
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Trigger | None = None) -> list[tuple[Any, Any]]:
        chosen = _chosen(request, obj) if obj else ""
        kind = registry.find(chosen)
        choice = ("type",) if has_choice(chosen) else ()
        plain, more = (names_of(kind, advanced=advanced) for advanced in (False, True))
        events: list[tuple[Any, Any]] = [(None, {"fields": (*choice, *plain)})]
        if more:
            events.append((_("More settings"), {"fields": more, "classes": ("collapse",)}))
        if not (obj and obj.topics):
            return events
        # No call of a workflow causes an event that is for one workflow only.
        is_asked = kind is None or not (kind.is_addressed or kind.expects_caused(obj.settings))
        caused = ("caused_events",) if is_asked else ()
        return [
            *events,
            (_("Which of these events count"), {"fields": (*SCOPE_FIELDS, *caused)}),
            (
                _("When a run is canceled"),
                {"fields": ("cancel_when",), "classes": () if obj.cancel_events.exists() else ("collapse",)},
            ),
            (None, {"fields": ("match",)}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Trigger | None) -> tuple[Any, ...]:
        """Conditions are chosen from the events' fields, so the events come first."""
        return self.inlines if obj and obj.topics else ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = saved(kwargs["obj"])
        plan = plan_in(request.POST, row) if request.POST else TriggerPlan(row.type, row.settings)
        if plan.kind is not None and plan.kind.has_outlook:
            context["outlook"] = plan.outlook
            context["progress"] = progress_of(row.workflow)
            context["outlook_url"] = reverse("admin:stripeflow_workflows_trigger_outlook", args=[row.pk])
        if field := context["adminform"].form.fields.get("cancel_when"):
            field.say(self._cancel_sentences(request, row))
        return super().render_change_form(request, context, *args, **kwargs)

    def write(self, obj: Trigger, form: Any, change: bool) -> None:
        super().write(obj, form, change)
        form.save_cancel_events()

    def workflow_of(self, obj: Trigger) -> Workflow:
        return obj.workflow

    def title_of(self, obj: Trigger | None) -> str:
        return _("Trigger")

    def anchor_of(self, obj: Trigger) -> str:
        return "trigger"

    def problems_of(self, request: HttpRequest, obj: Trigger) -> Problems:
        found = self.scope(request, obj).problems_at("/trigger")
        # Conditions on events that end a run have pages of their own.
        return Problems(one for one in found if not is_on_cancel_conditions(one.path))

    def _cancel_sentences(self, request: HttpRequest, row: Trigger) -> dict[str, str]:
        """The conditions on each event that ends a run, by the key of its row."""
        scope = self.scope(request, row)
        planned = zip(row.cancel_events.all(), cancel_events(scope.document["trigger"]), strict=True)
        return {
            str(one.pk): condition_sentence(plan.conditions, scope.finder_of(one)) for one, plan in planned
        }


def _chosen(request: HttpRequest, row: Trigger) -> str:
    """The type that the page is about: the posted one, or the saved one."""
    return chosen_type(request.POST, row)
