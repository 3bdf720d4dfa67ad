"""Export a workflow as a file, and create one from a file or from pasted text."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.admin_log import log_new_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.workflow_page import WorkflowPage
from stripeflow.workflows.admin.publishing.exchange_form import ImportForm
from stripeflow.workflows.api.secrets import readable_definition
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle


class ExportPage(WorkflowPage):
    """The current draft; secret inputs only for people who may edit them."""

    name = "export"
    permission = permissions.may_view

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        document = readable_definition(to_document(workflow), request.user)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
        name = slugify(workflow.name) or f"workflow-{workflow.pk}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class ImportPage(AdminPage):
    """A new draft from a file or from text."""

    name = "import"
    permission = permissions.may_add
    template = "stripeflow/workflows/admin/import.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(request, ImportForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._form(request, form)
        workflow = lifecycle.create(form.document, owner=request.user, act=Act.of(request))
        log_new_workflow(request, workflow, _("Imported."))
        messages.success(request, _("“%s” was imported as a draft.") % workflow.name)
        return HttpResponseRedirect(workflow_url(workflow))

    def _form(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        media = self.admin.media + form.media
        return self.shown(request, title=_("Import a workflow"), media=media, form=form)
