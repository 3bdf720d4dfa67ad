"""Undo and redo of a draft's changes."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.outcomes import done
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts import editing, edits
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.history.difference import changes, in_short
from stripeflow.workflows.models import Workflow


class UndoPage(WorkflowButton):
    """Undo the last change."""

    name = "undo"
    permission = permissions.may_edit

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        before = to_document(workflow)
        editing.undo(workflow, revision=posted_revision(request), act=Act.of(request))
        summary = in_short(changes(to_document(workflow), before))
        return done(request, workflow, _("Undone: %s.") % summary)


class RedoPage(WorkflowButton):
    """Redo the change that was undone last."""

    name = "redo"
    permission = permissions.may_edit

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        before = to_document(workflow)
        editing.redo(workflow, revision=posted_revision(request), act=Act.of(request))
        summary = in_short(changes(before, to_document(workflow)))
        return done(request, workflow, _("Redone: %s.") % summary)


def undo_context(scope: Scope) -> dict[str, str]:
    """What undo and redo would change, in a few words; "" if there is nothing."""
    done, undone = edits.last_done(scope.workflow), edits.first_undone(scope.workflow)
    return {
        "undo_label": in_short(changes(done.document, scope.document)) if done else "",
        "redo_label": in_short(changes(scope.document, undone.document)) if undone else "",
    }
