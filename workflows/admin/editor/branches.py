"""The branches of a branch step, and the page of one branch with its conditions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.editor.conditions import BranchConditions, HomeAdmin
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.admin.editor.pieces import saved
from stripeflow.workflows.admin.editor.step_form import BranchFormSet, BranchRowForm
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.models import Branch, Workflow


class BranchInline(admin.TabularInline):
    """The branches with conditions, to be named, ordered and removed. New ones have a button of their own."""

    model = Branch
    form = BranchRowForm
    formset = BranchFormSet
    template = "stripeflow/workflows/admin/branch_rows.html"
    extra = 0
    max_num = 0
    fields = ("name", "order")
    verbose_name_plural = gettext_lazy("Branches")

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return permissions.may_edit(request.user)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @property
    def media(self) -> forms.Media:
        # Django's own script for inlines expects other markup.
        return forms.Media()


class BranchForm(GuardedForm):
    class Meta:
        model = Branch
        fields = ("name", "match")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("Optional. Without a name the conditions are shown.")
        if "match" in self.fields:
            self.fields["match"].required = False

    def clean_match(self) -> str:
        return self.cleaned_data["match"] or self.instance.match


@admin.register(Branch)
class BranchAdmin(HomeAdmin[Branch]):
    """One branch. “All other cases” has no conditions, only a name."""

    inlines = (BranchConditions,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Branch]:
        # An error branch has nothing to edit: it belongs to its step.
        return super().get_queryset(request).filter(on_error=False).select_related("step__workflow")

    def get_form(
        self, request: HttpRequest, obj: Branch | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        kwargs["form"] = type("Form", (BranchForm,), {"workflow": saved(obj).step.workflow})
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Branch | None = None) -> tuple[str, ...]:
        return ("name",) if saved(obj).otherwise else ("name", "match")

    def get_inlines(self, request: HttpRequest, obj: Branch | None) -> tuple[Any, ...]:
        return () if saved(obj).otherwise else self.inlines

    def workflow_of(self, obj: Branch) -> Workflow:
        return obj.step.workflow

    def title_of(self, obj: Branch | None) -> str:
        return str(obj)

    def anchor_of(self, obj: Branch) -> str:
        return f"branch-{obj.step.key}-{obj.key}"

    def crumbs_of(self, obj: Branch) -> list[tuple[str, str]]:
        address = reverse("admin:stripeflow_workflows_step_change", args=[obj.step.pk])
        return [(address, arrange.title_of(obj.step))]

    def problems_of(self, request: HttpRequest, obj: Branch) -> Problems:
        return self.scope(request, obj).problems_at(step=obj.step.key, branch=obj.key)
