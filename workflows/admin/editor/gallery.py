"""New from template: the ready-made workflows, of which people make copies of their own."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.editor.template_form import TemplateForm
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.display.outline import Outline, outline
from stripeflow.workflows.workflow_templates import UnknownTemplate, WorkflowTemplate, template, templates

GALLERY_TEMPLATE = "stripeflow/workflows/admin/template_gallery.html"
FORM_TEMPLATE = "stripeflow/workflows/admin/template_form.html"


class GalleryViews:
    """The addresses of the template gallery. A mixin of the workflows' ModelAdmin."""

    admin_site: Any
    behind: Callable[..., Any]

    def get_urls(self) -> list[URLPattern]:
        may, name = permissions.may_add, "stripeflow_workflows_workflow"
        return [
            path("templates/", self.behind(may, self.gallery_view), name=f"{name}_templates"),
            path("templates/<slug:key>/", self.behind(may, self.template_view), name=f"{name}_template"),
            *super().get_urls(),
        ]

    def gallery_view(self, request: HttpRequest) -> HttpResponse:
        """Every template, with what it is for."""
        context = self._context(request, _("New workflow from a template"))
        context["entries"] = [(one, _preview(one)) for one in templates()]
        return TemplateResponse(request, GALLERY_TEMPLATE, context)

    def template_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """The parameters of one template; POST makes the copy and opens it."""
        try:
            chosen = template(key)
        except UnknownTemplate as error:
            raise Http404 from error
        context = self._context(request, str(chosen.name))
        form = TemplateForm(request.POST or None, template=chosen, user=request.user)
        if request.method == "POST" and form.is_valid():
            return self._create(request, chosen, form)
        context |= {"form": form, "template": chosen, "outline": _preview(chosen)}
        context["media"] += form.media
        return TemplateResponse(request, FORM_TEMPLATE, context)

    def _create(self, request: HttpRequest, chosen: WorkflowTemplate, form: TemplateForm) -> HttpResponse:
        document = {**chosen.document(form.values()), "name": form.cleaned_data["name"]}
        workflow = lifecycle.create(
            document, owner=request.user, template_key=chosen.key, act=Act.of(request)
        )
        made_from = _("Made from the template “%s”.") % chosen.name
        LogEntry.objects.log_actions(request.user.pk, [workflow], ADDITION, made_from, single_object=True)
        messages.success(
            request, _("This workflow is yours. Look it over, change what you like, and activate it.")
        )
        return HttpResponseRedirect(workflow_url(workflow))

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
        }


def _preview(one: WorkflowTemplate) -> Outline:
    return outline(one.document())
