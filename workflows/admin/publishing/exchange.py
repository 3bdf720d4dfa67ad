"""Export a workflow as a file, and make one from a file or from pasted text."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.publishing.exchange_form import ImportForm
from stripeflow.workflows.api.secrets import readable_definition
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts.rows import to_document

IMPORT_TEMPLATE = "stripeflow/workflows/admin/import.html"


class ExchangeViews:
    """The addresses of export and import. A mixin of the workflows' ModelAdmin."""

    admin_site: Any
    behind: Callable[..., Any]
    opts: Any
    media: Any

    def get_urls(self) -> list[URLPattern]:
        name = "stripeflow_workflows_workflow"
        exported = self.behind(permissions.may_view, self.export_view)
        return [
            path("<int:pk>/export/", exported, name=f"{name}_export"),
            path("import/", self.behind(permissions.may_add, self.import_view), name=f"{name}_import"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The definition as it is edited now; secret inputs only for those who may edit them."""
        workflow = self._workflow(pk)
        document = readable_definition(to_document(workflow), request.user)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
        name = slugify(workflow.name) or f"workflow-{pk}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A new draft from a file or from text."""
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            workflow = lifecycle.create(form.document, owner=request.user, act=Act.of(request))
            imported = _("Imported.")
            LogEntry.objects.log_actions(request.user.pk, [workflow], ADDITION, imported, single_object=True)
            messages.success(request, _("“%s” was imported as a draft.") % workflow.name)
            return HttpResponseRedirect(workflow_url(workflow))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a workflow"),
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
        }
        return TemplateResponse(request, IMPORT_TEMPLATE, context)
