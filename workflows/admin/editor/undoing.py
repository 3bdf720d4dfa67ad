"""Taking changes of a draft back, and making them again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import edits
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.history.difference import changes, in_short
from stripeflow.workflows.models import Workflow


class UndoViews:
    """Addresses below a workflow's page. A mixin of its ModelAdmin."""

    behind: Callable[..., Any]
    _posted: Callable[..., Workflow]

    def get_urls(self) -> list[URLPattern]:
        may, base = permissions.may_edit, "stripeflow_workflows_workflow"
        return [
            path("<int:pk>/undo/", self.behind(may, self.undo_view), name=f"{base}_undo"),
            path("<int:pk>/redo/", self.behind(may, self.redo_view), name=f"{base}_redo"),
            *super().get_urls(),
        ]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the last change back."""
        return self._turned(request, pk, lifecycle.undo)

    def redo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the change again that was undone last."""
        return self._turned(request, pk, lifecycle.redo)

    def _turned(self, request: HttpRequest, pk: int, turn: Callable[..., None]) -> HttpResponse:
        workflow = self._posted(request, pk)
        before = to_document(workflow)
        try:
            turn(workflow, revision=posted_revision(request), act=Act.of(request))
        except (lifecycle.RevisionConflict, lifecycle.NotAllowed, DefinitionError) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(workflow_url(workflow))
        message = _said(turn, before, workflow)
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        return HttpResponseRedirect(workflow_url(workflow))


def _said(turn: Callable[..., None], before: dict[str, Any], workflow: Workflow) -> str:
    now = to_document(workflow)
    if turn is lifecycle.undo:
        return _("Undone: %s.") % in_short(changes(now, before))
    return _("Made again: %s.") % in_short(changes(before, now))


def undo_context(scope: Scope) -> dict[str, str]:
    """What undo would take back, and redo make again, in a few words; "" if there is nothing."""
    done, undone = edits.last_done(scope.workflow), edits.first_undone(scope.workflow)
    return {
        "undo_label": in_short(changes(done.document, scope.document)) if done else "",
        "redo_label": in_short(changes(scope.document, undone.document)) if undone else "",
    }
