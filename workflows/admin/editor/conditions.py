"""Condition rows, and the page of a group or a list test with the rows inside it."""

from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.workflows import conditions, permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.editor.condition_form import row_form
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.admin.editor.ordering import OrderedFormSet
from stripeflow.workflows.admin.editor.pieces import PieceAdmin, saved
from stripeflow.workflows.admin.editor.scope import (
    Home,
    Scope,
    ancestors,
    holder_of,
    home_of,
    workflow_of,
)
from stripeflow.workflows.admin.editor.sentences import SentencePage
from stripeflow.workflows.admin.editor.trigger_form import plan_in
from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.conditions.values import UNIT_NAMES
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.definition.typing import ItemKnown, Known
from stripeflow.workflows.display.labels import OptionGroup, field_groups, operator_choices
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.drafts.condition_rows import rows_in
from stripeflow.workflows.models import Branch, Condition, Trigger, Workflow
from stripeflow.workflows.models.condition import ConditionKind


class ConditionInline(admin.StackedInline):
    """The condition rows of a trigger, a branch, a group or a list test."""

    model = Condition
    formset = OrderedFormSet
    template = "stripeflow/workflows/admin/condition_rows.html"
    extra = 1
    max_num = 100
    verbose_name_plural = gettext_lazy("Conditions")
    fields = (
        "kind",
        "chosen",
        "path",
        "read_as",
        "operator",
        "text",
        "upper",
        "currency",
        "quantifier",
        "match",
        "order",
    )

    def get_formset(self, request: HttpRequest, obj: Home | None = None, **kwargs: Any) -> type:
        if obj is None:
            raise Http404
        before = self.parent_scope(request, obj).finder_of(obj)
        finder = self.finder(request, obj, before)
        form = row_form(finder, saved=before, operators=operator_choices())
        rows = type("ConditionRows", (self.formset,), {"field_data": field_data(field_groups(finder))})
        # Render no more rows than may be saved: for a forged number Django would render a thousand more.
        return super().get_formset(request, obj, form=form, formset=rows, absolute_max=self.max_num, **kwargs)

    def finder(self, request: HttpRequest, obj: Home, saved: Known | ItemKnown) -> Known | ItemKnown:
        """The fields that can be tested here. A submitted trigger page may name another event."""
        if isinstance(obj, Trigger) and request.method == "POST":
            return Known(plan_in(request.POST, obj))
        return saved

    def parent_scope(self, request: HttpRequest, obj: Home) -> Scope:
        page = self.admin_site.get_model_admin(type(obj))
        if not isinstance(page, HomeAdmin):
            raise TypeError(f"{type(page).__name__} has no page with conditions.")
        return page.scope(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return permissions.may_edit(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    @property
    def media(self) -> forms.Media:
        # Django's own script for inlines expects other markup.
        return forms.Media()


class TriggerConditions(ConditionInline):
    fk_name = "trigger"


class BranchConditions(ConditionInline):
    fk_name = "branch"


class CancelConditions(ConditionInline):
    fk_name = "cancel_event"


class ChildConditions(ConditionInline):
    fk_name = "parent"


def field_data(groups: tuple[OptionGroup, ...]) -> dict[str, Any]:
    """What the page's script knows: the type of each field, and which operator fits which types."""
    return {
        "fields": {
            option.path: [option.type, list(option.enum)] for group in groups for option in group.options
        },
        "operators": {
            operator.key: [sorted(operator.types), str(operator.value_kind)]
            for operator in OPERATORS.values()
        },
        "readings": [
            [reading.key, sorted(reading.of), reading.type] for reading in conditions.READINGS.values()
        ],
        "units": [[unit, str(name)] for unit, name in UNIT_NAMES.items()],
    }


class ConditionForm(GuardedForm):
    """A group: how its conditions combine. For a list test also which list, and of how many items."""

    class Meta:
        model = Condition
        fields = ("field", "quantifier", "match")


class ListForm(ConditionForm):
    """The form of a list test."""

    class Meta(ConditionForm.Meta):
        fields = ("quantifier", "field", "match")


OneHome = TypeVar("OneHome", bound=Home)
_SCOPE = "_stripeflow_scope"


class HomeAdmin(PieceAdmin[OneHome]):
    """A page with condition rows on it: it knows its scope and reads the saved conditions back."""

    pages: ClassVar[tuple[type[AdminPage], ...]] = (SentencePage,)

    def scope(self, request: HttpRequest, obj: OneHome) -> Scope:
        """The workflow's document, read once for each request."""
        workflow = self.workflow_of(obj)
        kept: Scope | None = vars(request).get(_SCOPE)
        if kept is None or kept.workflow != workflow:
            kept = vars(request)[_SCOPE] = Scope(workflow)
        return kept

    def read_back(self, request: HttpRequest, obj: OneHome, formsets: list[Any]) -> str:
        """The saved conditions as a sentence; each row of a group or a list test gets its own."""
        finder, rows = self.scope(request, obj).finder_of(obj), rows_in(obj)
        documents = {row.pk: document for row, document in rows if row.kind != ConditionKind.TEST}
        for form in (form for formset in formsets for form in formset.formset.initial_forms):
            if document := documents.get(form.instance.pk):
                form.sentence = condition_sentence({"match": "all", "conditions": [document]}, finder)
        group = {"match": obj.match, "conditions": [document for _row, document in rows]}
        return condition_sentence(group, finder)

    def _sentence_url(self, obj: OneHome) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_sentence", args=[obj.pk])

    def problems_of(self, request: HttpRequest, obj: OneHome) -> Problems:
        """The problems of this piece that block activation."""
        raise NotImplementedError

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs["obj"]
        context |= {
            "read_back": self.read_back(request, obj, context["inline_admin_formsets"]),
            "sentence_url": self._sentence_url(obj) if context["inline_admin_formsets"] else "",
            "piece_problems": self.problems_of(request, obj) if request.method == "GET" else Problems(),
        }
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Condition)
class ConditionAdmin(HomeAdmin[Condition]):
    """The page of one group, or of the conditions on a list's items. Tests stand in their parent's rows."""

    inlines = (ChildConditions,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Condition]:
        return super().get_queryset(request).exclude(kind=ConditionKind.TEST)

    def get_form(
        self, request: HttpRequest, obj: Condition | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        obj = saved(obj)
        kwargs["form"] = type("Form", (self._form_of(obj),), {"workflow": self.workflow_of(obj)})
        form = super().get_form(request, obj, change, **kwargs)
        if obj.kind == ConditionKind.LIST:
            outer = self.scope(request, obj).finder_of(holder_of(obj))
            form.base_fields["field"].widget = SearchableSelect(choices=_lists(outer, obj.field))
            form.base_fields["field"].label = _("of the list")
        return form

    def get_fields(self, request: HttpRequest, obj: Condition | None = None) -> tuple[str, ...]:
        return ("quantifier", "field", "match") if saved(obj).kind == ConditionKind.LIST else ("match",)

    def workflow_of(self, obj: Condition) -> Workflow:
        return workflow_of(home_of(obj))

    def title_of(self, obj: Condition | None) -> str:
        is_list = saved(obj).kind == ConditionKind.LIST
        return _("Conditions on list items") if is_list else _("Group of conditions")

    def anchor_of(self, obj: Condition) -> str:
        home = home_of(obj)
        return f"step-{home.step.key}" if isinstance(home, Branch) else "trigger"

    def draft_of(self, request: HttpRequest, obj: Condition | None) -> str:
        return f"condition:{saved(obj).pk}"

    def crumbs_of(self, obj: Condition) -> list[tuple[str, str]]:
        home = home_of(obj)
        kind = home._meta.model_name
        name = _("Trigger") if isinstance(home, Trigger) else str(home)
        parents = list(ancestors(obj))[:0:-1]
        return [
            (reverse(f"admin:stripeflow_workflows_{kind}_change", args=[home.pk]), name),
            *(
                (reverse("admin:stripeflow_workflows_condition_change", args=[row.pk]), self.title_of(row))
                for row in parents
            ),
        ]

    def problems_of(self, request: HttpRequest, obj: Condition) -> Problems:
        return Problems()

    def response_post_save_change(self, request: HttpRequest, obj: Condition) -> HttpResponseRedirect:
        """Back to the page whose row this group is."""
        return HttpResponseRedirect(self.crumbs_of(obj)[-1][0])

    def _form_of(self, obj: Condition) -> type[ConditionForm]:
        return ListForm if obj.kind == ConditionKind.LIST else ConditionForm


def _lists(finder: Known | ItemKnown, current: str) -> list[tuple[str, Any]]:
    """The lists that can be tested, and the one that is chosen now."""
    groups = [
        (group.label, [(option.path, option.label) for option in group.options if option.type == "list"])
        for group in field_groups(finder)
    ]
    listed = {path for _label, options in groups for path, _name in options}
    extra = [] if current in listed else [(current, current)]
    return [*extra, *(group for group in groups if group[1])]
