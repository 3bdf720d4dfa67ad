"""The pages of a step: choosing its action, filling its form, and the branches of a branch step."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.editor.action_gallery import actions_context
from stripeflow.workflows.admin.editor.asked_values import NewValuesPage, ValuesPage
from stripeflow.workflows.admin.editor.branches import BranchInline
from stripeflow.workflows.admin.editor.failing_form import FAILING_FIELDS
from stripeflow.workflows.admin.editor.favourites import FavouritePage
from stripeflow.workflows.admin.editor.pieces import SHOW_PROBLEMS, PieceAdmin
from stripeflow.workflows.admin.editor.places import NewPlace, new_place
from stripeflow.workflows.admin.editor.preview import EVENT_FIELD, preview, recent_events
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.editor.step_buttons import (
    AddBlockPage,
    BranchPage,
    DeleteStepPage,
    DuplicateStepPage,
    MovePage,
)
from stripeflow.workflows.admin.editor.step_form import BranchStepForm, InputsForm, StepForm
from stripeflow.workflows.admin.editor.step_moves import ChoosePlacePage, CopyPage, PastePage, copied_step
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import ActsAs, OnError
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.labels import field_groups, value_data
from stripeflow.workflows.display.outline import MISSING_ICON
from stripeflow.workflows.display.words import condition_sentence, input_lines, undecided_words
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.moving import check_limits
from stripeflow.workflows.models import Step, Workflow

CHOICES_TEMPLATE = "stripeflow/workflows/admin/action_gallery.html"
PREVIEW_TEMPLATE = "stripeflow/workflows/admin/preview.html"
# Asks for the preview alone, to refresh it while the form is changed.
PREVIEW_TARGET = "sf-preview"


@admin.register(Step)
class StepAdmin(PieceAdmin[Step]):
    """A new step takes two pages: first the action, then its form."""

    pages = (
        AddBlockPage,
        BranchPage,
        MovePage,
        DuplicateStepPage,
        DeleteStepPage,
        ChoosePlacePage,
        CopyPage,
        PastePage,
        FavouritePage,
        ValuesPage,
        NewValuesPage,
    )
    change_form_template = "stripeflow/workflows/admin/step_form.html"
    add_form_template = "stripeflow/workflows/admin/step_form.html"

    # What the page is about

    def workflow_of(self, obj: Step) -> Workflow:
        return obj.workflow

    def title_of(self, obj: Step | None) -> str:
        return arrange.title_of(obj) if obj else _("Add a step")

    def anchor_of(self, obj: Step) -> str:
        return f"step-{obj.key}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def target(self, request: HttpRequest, object_id: str | None) -> Workflow:
        if object_id is None and self.has_add_permission(request):
            return new_place(request.GET).workflow
        return super().target(request, object_id)

    def get_form(
        self, request: HttpRequest, obj: Step | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        workflow = obj.workflow if obj else new_place(request.GET).workflow
        block = kinds.named(obj.kind) if obj else None
        if obj and block and block.asks_person:
            base: dict[str, Any] = {"workflow": workflow, "default_words": _default_words(obj)}
            kwargs["form"] = type("Form", (BranchStepForm,), base)
        else:
            base = {"workflow": workflow, "action": _action_of(request, obj), "user": request.user}
            form = StepForm if block is None or block.may_fail else InputsForm
            kwargs["form"] = type("Form", (form,), base)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Step | None = None) -> list[tuple[Any, Any]]:
        name: tuple[Any, dict[str, Any]] = (None, {"fields": ("name",)})
        block = kinds.named(obj.kind) if obj else None
        if block and block.asks_person:
            return [(None, {"fields": ("name", "if_undecided")})]
        if block and not block.may_fail:
            return [name]
        is_used = obj is not None and (obj.on_error != OnError.STOP or obj.retry)
        classes = () if is_used else ("collapse",)
        failing = (_("If it fails"), {"fields": FAILING_FIELDS, "classes": classes})
        action = _action_of(request, obj)
        if action is None or not action.uses_account:
            return [name, failing]
        is_platform = obj is not None and obj.acts_as == ActsAs.PLATFORM
        account = {"fields": ("acts_as",), "classes": () if is_platform else ("collapse",)}
        return [name, (_("Stripe account"), account), failing]

    def get_inlines(self, request: HttpRequest, obj: Step | None) -> tuple[Any, ...]:
        return (BranchInline,) if obj and kinds.named(obj.kind).adds_lanes else ()

    def known(self, request: HttpRequest, obj: Step | None) -> Known:
        """What the step's inputs may refer to."""
        if obj is not None:
            return Scope(obj.workflow).known_at(obj)
        place = new_place(request.GET)
        return Scope(place.workflow).known_in(place.branch, place.position)

    # Adding

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if "action" not in request.GET and self.has_add_permission(request):
            return self.choose_action(request, new_place(request.GET))
        return super().add_view(request, form_url, extra_context)

    def choose_action(self, request: HttpRequest, place: NewPlace) -> HttpResponse:
        """The gallery of everything that a step can do."""
        context = {
            "title": _("Add a step"),
            "workflow": place.workflow,
            "workflow_url": workflow_url(place.workflow),
            "query": place.query,
            **actions_context(request, f"{request.path}?{place.query}"),
            "blocks": [block for block in kinds.all() if block.is_listed],
            "copied": copied_step(request),
        }
        return self.shown(request, CHOICES_TEMPLATE, context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with transaction.atomic():
            if isinstance(form, InputsForm):
                form.store_secrets(Act.of(request))
            super().save_related(request, form, formsets, change)

    def write(self, obj: Step, form: StepForm, change: bool) -> None:
        if change:
            obj.save()
        else:
            arrange.insert(obj, form.place.position)
        if kinds.named(obj.kind).may_fail:
            arrange.match_error_branch(obj)
            check_limits(obj.workflow)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Step:
        obj = super().save_form(request, form, change)
        if not change:
            place = form.place = new_place(request.GET)
            obj.workflow, obj.branch, obj.action = place.workflow, place.branch, form.action.key
            title = obj.name or str(form.action.label)
            obj.key = arrange.free_key(title, arrange.step_keys(place.workflow), fallback="step")
        return obj

    def response_add(self, request: HttpRequest, obj: Step, post_url_continue: str | None = None) -> Any:
        messages.success(request, _("Added: %s.") % self.title_of(obj))
        if "_continue" in request.POST:
            return HttpResponseRedirect(reverse("admin:stripeflow_workflows_step_change", args=[obj.pk]))
        return self.response_post_save_add(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Step) -> HttpResponseRedirect:
        return self._still_required(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Step) -> HttpResponseRedirect:
        return self._still_required(request, obj) or super().response_post_save_change(request, obj)

    def _still_required(self, request: HttpRequest, obj: Step) -> HttpResponseRedirect | None:
        """Stay at a form that is saved but incomplete, unless it has already said so."""
        problems = Scope(obj.workflow).problems_at(step=obj.key)
        empty = ",".join(problem.field for problem in problems if problem.code == "required")
        if not empty or request.GET.get(SHOW_PROBLEMS) == empty:
            return None
        address = reverse("admin:stripeflow_workflows_step_change", args=[obj.pk])
        return HttpResponseRedirect(f"{address}?{urlencode({SHOW_PROBLEMS: empty})}")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj, form = kwargs.get("obj"), context["adminform"].form
        if isinstance(form, InputsForm):
            context |= self._action_context(request, obj, form)
            if form.is_preview and request.headers.get("HX-Target") == PREVIEW_TARGET:
                return TemplateResponse(request, PREVIEW_TEMPLATE, context)
        if obj is not None:
            scope = Scope(obj.workflow)
            problems = scope.problems_at(step=obj.key)
            context["piece_problems"] = problems if request.method == "GET" else Problems()
            _add_sentences(scope, obj, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def _action_context(self, request: HttpRequest, obj: Step | None, form: InputsForm) -> dict[str, Any]:
        known = self.known(request, obj)
        has_preview = form.action is not None and form.action.has_preview
        context: dict[str, Any] = {
            "action": form.action,
            "icon": form.action.icon if form.action else MISSING_ICON,
            "lines": list(input_lines(form.action, obj.inputs, known, readable=True)) if obj else [],
            "value_groups": field_groups(known),
            "value_data": value_data(known),
            "values_url": _values_url(request, obj),
            "has_preview": has_preview,
            "change_action_query": "" if obj else new_place(request.GET).query,
        }
        if has_preview:
            context["recent_events"] = recent_events(request, known.trigger, self.target(request, _pk(obj)))
            context["chosen_event"] = request.POST.get(EVENT_FIELD, "")
        if form.is_preview:
            context["preview"] = preview(request, form, known, self.target(request, _pk(obj)))
        return context


def _default_words(obj: Step) -> tuple[str, str]:
    """What a branch step does by default if a condition is unknown: in short, and why."""
    own = Scope(obj.workflow).place(obj.key).step
    step = {name: value for name, value in own.items() if name != "if_undecided"}
    return undecided_words(step, reason=False), undecided_words(step)


def _values_url(request: HttpRequest, obj: Step | None) -> str:
    if obj is not None:
        return reverse("admin:stripeflow_workflows_step_values", args=[obj.pk])
    return f"{reverse('admin:stripeflow_workflows_step_add_values')}?{new_place(request.GET).query}"


def _add_sentences(scope: Scope, obj: Step, formsets: list[Any]) -> None:
    """Give each branch's row its conditions in words."""
    place = scope.place(obj.key)
    known = Known.at(scope.trigger, place)
    ways = {way["key"]: way for way in place.step.get("branches", ())}
    for row in (row for formset in formsets for row in formset.formset.initial_forms):
        row.sentence = condition_sentence(ways.get(row.instance.key, {}).get("conditions"), known)


def _pk(obj: Step | None) -> str | None:
    return str(obj.pk) if obj else None


def _action_of(request: HttpRequest, obj: Step | None) -> Action | None:
    """The action of a step; None if a saved one is not installed. Raises `Http404` for a new step's."""
    if obj is not None:
        return kinds.named(obj.kind).declared(arrange.head_of(obj))
    action = registry.find(request.GET.get("action", ""))
    if action is None:
        raise Http404
    return action
