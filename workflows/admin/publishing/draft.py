"""Between the draft and its versions: what was changed, discarding it, rolling back, and the name."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.reading import last_editor
from stripeflow.workflows.history.difference import Change, changes
from stripeflow.workflows.models import Workflow, WorkflowVersion

CHANGES_TEMPLATE = "stripeflow/workflows/admin/changes.html"


class PublishingViews:
    """Addresses below a workflow's page. A mixin of its ModelAdmin, beside `LifecycleViews`."""

    admin_site: Any
    behind: Callable[..., Any]
    _posted: Callable[..., Workflow]
    opts: Any
    media: Any

    def get_urls(self) -> list[URLPattern]:
        views = {
            "changes": self.behind(permissions.may_view, self.changes_view),
            "discard": self.behind(permissions.may_edit, self.discard_view),
            "rename": self.behind(permissions.may_edit, self.rename_view),
            "revision": self.behind(permissions.may_view, self.revision_view),
        }
        base, back = "stripeflow_workflows_workflow", self.behind(permissions.may_edit, self.back_view)
        return [
            *(path(f"<int:pk>/{name}/", view, name=f"{base}_{name}") for name, view in views.items()),
            path("<int:pk>/versions/<int:number>/back/", back, name=f"{base}_back"),
            *super().get_urls(),
        ]

    def changes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the draft says other than the active version."""
        workflow = self._workflow(pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Unpublished changes"),
            "opts": self.opts,
            "media": self.media,
            "workflow": workflow,
            "workflow_url": workflow_url(workflow),
            "changes": unpublished(Scope(workflow), readable=permissions.may_edit(request.user)),
            "may_edit": permissions.may_edit(request.user),
            "may_change_state": permissions.may_change_state(request.user),
        }
        return TemplateResponse(request, CHANGES_TEMPLATE, context)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the draft what the active version is. It can be undone."""
        workflow = self._posted(request, pk)
        version = workflow.active_version
        if version is None:
            raise Http404
        message = _("The changes were discarded: this is version %d again.") % version.number
        return self._replace(request, workflow, version, message) or self._back_to(workflow)

    def back_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Make the draft what an older version was, and ask to activate it."""
        workflow = self._posted(request, pk)
        version = workflow.versions.filter(number=number).first()
        if version is None:
            raise Http404
        message = _("Draft restored from version %d. Activate to publish.") % number
        refused = self._replace(request, workflow, version, message)
        if refused or not permissions.may_change_state(request.user):
            return refused or self._back_to(workflow)
        address = reverse("admin:stripeflow_workflows_workflow_activate", args=[workflow.pk])
        return HttpResponseRedirect(address)

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change the name, from the heading of the page."""
        workflow = self._posted(request, pk)
        name = " ".join(request.POST.get("name", "").split())
        if not name or len(name) > Workflow._meta.get_field("name").max_length:
            messages.error(request, _("A name has 1 to 200 characters. It was not changed."))
            return self._back_to(workflow)
        try:
            with lifecycle.editing(workflow, revision=posted_revision(request), act=Act.of(request)):
                Workflow.objects.filter(pk=pk).update(name=name, updated_at=timezone.now())
        except (lifecycle.RevisionConflict, lifecycle.NotAllowed) as error:
            messages.error(request, str(error))
            return self._back_to(workflow)
        message = _("The workflow is now called “%s”.") % name
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        return self._back_to(workflow)

    def revision_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The revision, and who changed the workflow last: for a page that shows it already."""
        revision = Workflow.objects.filter(pk=pk).values_list("revision", flat=True).first()
        if revision is None:
            raise Http404
        return JsonResponse({"revision": revision, "by": last_editor(pk)})

    def _replace(
        self, request: HttpRequest, workflow: Workflow, version: WorkflowVersion, message: str
    ) -> HttpResponse | None:
        """Put the rows back to what `version` says; returns where to go if that was refused."""
        try:
            lifecycle.go_back(workflow, version, revision=posted_revision(request), act=Act.of(request))
        except (lifecycle.RevisionConflict, lifecycle.NotAllowed) as error:
            messages.error(request, str(error))
            return self._back_to(workflow)
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        return None

    def _back_to(self, workflow: Workflow) -> HttpResponse:
        return HttpResponseRedirect(workflow_url(workflow))


def unpublished(scope: Scope, *, readable: bool) -> tuple[Change, ...]:
    """What the rows say other than the active version; empty if there is none."""
    version = scope.workflow.active_version
    if version is None:
        return ()
    return changes(version.document, scope.document, readable=readable)
