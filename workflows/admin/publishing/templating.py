"""The page that saves a workflow as a template, having said what becomes of its values."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.saving_templates import Called, opened_draft, save
from stripeflow.workflows.workflow_templates import Goal
from stripeflow.workflows.workflow_templates.saved import template_of


class CalledForm(forms.Form):
    """What a template is called, and the group of the gallery that it is in."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("What it does, and what for."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    goal = forms.ChoiceField(
        label=gettext_lazy("Goal"),
        choices=Goal.choices,
        help_text=gettext_lazy("The group of the gallery that it is shown in."),
    )

    def called(self) -> Called:
        """Of a valid form."""
        return Called(**self.cleaned_data)


class SaveAsTemplatePage(WorkflowButton):
    """The form, with what becomes a question and what is left out."""

    name = "save_as_template"
    permission = permissions.may_save_templates
    template = "stripeflow/workflows/admin/save_as_template.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        return self._form(request, workflow, CalledForm(initial=vars(Called.after(workflow))))

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        form = CalledForm(request.POST)
        if not form.is_valid():
            return self._form(request, workflow, form)
        try:
            made = save(workflow, form.called(), Act.of(request))
        except NotPossible as error:
            form.add_error(None, str(error))
            return self._form(request, workflow, form)
        messages.success(request, _("“%s” is a template now.") % made.name)
        page = "workflow_template" if permissions.may_add(request.user) else "workflow_change"
        of_page = template_of(made).key if permissions.may_add(request.user) else workflow.pk
        return HttpResponseRedirect(reverse(f"admin:stripeflow_workflows_{page}", args=[of_page]))

    def _form(self, request: HttpRequest, workflow: Workflow, form: CalledForm) -> HttpResponse:
        try:
            found = opened_draft(workflow)
        except NotPossible as error:
            return refused(request, workflow, error)
        context: dict[str, Any] = {"asked": found.parameters, "left_empty": found.left_empty}
        title = _("Save “%s” as a template") % workflow.name
        return self.shown(request, workflow=workflow, title=title, form=form, **context)
