"""The draft and its versions: differences, discarding them, rolling back, and the name."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.outcomes import done, refused
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton, WorkflowPage
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.reading import last_editor
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.history.difference import Change, changes
from stripeflow.workflows.models import Workflow, WorkflowVersion


class ChangesPage(WorkflowPage):
    """The differences between the draft and the active version."""

    name = "changes"
    permission = permissions.may_view
    template = "stripeflow/workflows/admin/changes.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        may_edit = permissions.may_edit(request.user)
        return self.shown(
            request,
            workflow=workflow,
            title=_("Unpublished changes"),
            changes=unpublished(Scope(workflow), readable=may_edit),
            may_edit=may_edit,
            may_change_state=permissions.may_change_state(request.user),
        )


class DiscardPage(WorkflowButton):
    """Make the draft equal to the active version. It can be undone."""

    name = "discard"
    permission = permissions.may_edit

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        version = workflow.active_version
        if version is None:
            raise Http404
        message = _("The changes were discarded: this is version %d again.") % version.number
        return _put_back(request, workflow, version, message)


class BackPage(WorkflowButton):
    """Make the draft equal to an older version, and ask to activate it."""

    name = "back"
    route = "<int:pk>/versions/<int:number>/{name}/"
    permission = permissions.may_edit

    def change(self, request: HttpRequest, workflow: Workflow, number: int) -> HttpResponse:
        version = workflow.versions.filter(number=number).first()
        if version is None:
            raise Http404
        message = _("Draft restored from version %d. Activate to publish.") % number
        answer = _put_back(request, workflow, version, message)
        if not permissions.may_change_state(request.user):
            return answer
        address = reverse("admin:stripeflow_workflows_workflow_activate", args=[workflow.pk])
        return HttpResponseRedirect(address)


class RenamePage(WorkflowButton):
    """Change the name, from the heading of the page."""

    name = "rename"
    permission = permissions.may_edit

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        name = " ".join(request.POST.get("name", "").split())
        longest = Workflow._meta.get_field("name").max_length
        if not name or (longest is not None and len(name) > longest):
            why = _("A name has 1 to 200 characters. It was not changed.")
            return refused(request, workflow, why)
        with editing.editing(workflow, revision=posted_revision(request), act=Act.of(request)):
            Workflow.objects.filter(pk=workflow.pk).update(name=name, updated_at=timezone.now())
        return done(request, workflow, _("The workflow is now called “%s”.") % name)


class RevisionPage(AdminPage):
    """The revision, and who changed the workflow last: for a page that shows it already."""

    name = "revision"
    route = WorkflowPage.route
    permission = permissions.may_view

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:
        revision = Workflow.objects.filter(pk=pk).values_list("revision", flat=True).first()
        if revision is None:
            raise Http404
        return JsonResponse({"revision": revision, "by": last_editor(pk)})


def _put_back(
    request: HttpRequest, workflow: Workflow, version: WorkflowVersion, message: str
) -> HttpResponse:
    """Make the rows equal to `version`."""
    editing.go_back(workflow, version, revision=posted_revision(request), act=Act.of(request))
    return done(request, workflow, message)


def unpublished(scope: Scope, *, readable: bool) -> tuple[Change, ...]:
    """The differences between the rows and the active version; empty without a version."""
    version = scope.workflow.active_version
    if version is None:
        return ()
    return changes(version.document, scope.document, readable=readable)
