"""The templates that people have saved: listed, renamed, deleted. A workflow's own page saves one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.guarded_admin import GuardedAdmin
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.models import SavedTemplate
from stripeflow.workflows.operations import saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.workflow_templates import Goal
from stripeflow.workflows.workflow_templates.saved import template_of


class SavedTemplateForm(forms.ModelForm):
    goal = forms.ChoiceField(label=gettext_lazy("Goal"), choices=Goal.choices)

    class Meta:
        model = SavedTemplate
        fields = ("name", "description", "goal")


@admin.register(SavedTemplate)
class SavedTemplateAdmin(GuardedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    form = SavedTemplateForm
    list_display = ("name", "group", "description", "created_at", "author_name")
    list_per_page = 50
    search_fields = ("name", "description")
    fields = ("name", "description", "goal", "page", "left", "created_at", "author_name")
    readonly_fields = ("page", "left", "created_at", "author_name")
    actions = None

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def has_view_permission(self, request: HttpRequest, obj: SavedTemplate | None = None) -> bool:
        return permissions.may_see_templates(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SavedTemplate | None = None) -> bool:
        return permissions.may_change_templates(request.user) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: SavedTemplate | None = None) -> bool:
        return permissions.may_delete_templates(request.user) and self.has_view_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Saved templates"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("goal"), ordering="goal")
    def group(self, row: SavedTemplate) -> str:
        return str(Goal(row.goal).label)

    @admin.display(description=gettext_lazy("its page"))
    def page(self, row: SavedTemplate) -> str:
        address = reverse("admin:stripeflow_workflows_workflow_template", args=[template_of(row).key])
        return format_html('<a href="{}">{}</a>', address, _("Use this template"))

    @admin.display(description=gettext_lazy("left empty"))
    def left(self, row: SavedTemplate) -> str:
        return ", ".join(row.left_empty) or "–"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._refusing(
            request, lambda: super(SavedTemplateAdmin, self).changeform_view(request, *args, **kwargs)
        )

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._refusing(
            request, lambda: super(SavedTemplateAdmin, self).delete_view(request, *args, **kwargs)
        )

    def save_model(self, request: HttpRequest, obj: SavedTemplate, form: Any, change: bool) -> None:
        called = Called(obj.name, obj.description, obj.goal)
        saving_templates.rename(obj, called, Act.of(request))

    def delete_model(self, request: HttpRequest, obj: SavedTemplate) -> None:
        saving_templates.delete(obj, Act.of(request))

    def _refusing(self, request: HttpRequest, answer: Any) -> Any:
        try:
            return answer()
        except NotPossible as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:stripeflow_workflows_savedtemplate_changelist"))
