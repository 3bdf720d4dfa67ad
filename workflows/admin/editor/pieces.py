"""What the pages of a workflow's pieces share: trigger, steps, branches and conditions."""

from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.media import EDITOR_MEDIA
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.revisions import RevisionedAdmin
from stripeflow.workflows.admin.editor.faults import faults_of_form, faults_of_problems
from stripeflow.workflows.admin.editor.mending import boxes
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.states import WorkflowStatus

# The query parameter with the inputs that were still empty when the piece was saved.
SHOW_PROBLEMS = "problems"

Piece = TypeVar("Piece", bound=models.Model)


def saved(obj: Piece | None) -> Piece:
    """The row, on a page that adds none. Raises `Http404` if there is none."""
    if obj is None:
        raise Http404
    return obj


class PieceAdmin(RevisionedAdmin, Generic[Piece]):
    """A page for one piece of a workflow.

    Not in the index: the workflow's page leads to it, and it returns there. People who may change workflows
    may change their pieces; every change counts up the workflow's revision and is recorded in its history.
    """

    change_form_template = "stripeflow/workflows/admin/piece_form.html"
    save_on_top = False

    def workflow_of(self, obj: Piece) -> Workflow:
        """The workflow that `obj` is a piece of."""
        raise NotImplementedError

    def title_of(self, obj: Piece | None) -> str:
        """The heading of the page."""
        raise NotImplementedError

    def anchor_of(self, obj: Piece) -> str:
        """The card on the workflow's page that shows `obj`."""
        raise NotImplementedError

    def draft_of(self, request: HttpRequest, obj: Piece | None) -> str:
        """Identifies this form of the workflow, to find again what was typed in it but not saved."""
        return f"{self.opts.model_name}:{self.anchor_of(obj) if obj else request.GET.urlencode()}"

    def crumbs_of(self, obj: Piece) -> list[tuple[str, str]]:
        """Addresses and names of the pages between the workflow's and this one."""
        return []

    @property
    def media(self) -> forms.Media:
        return super().media + EDITOR_MEDIA

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Piece | None = None) -> bool:
        return permissions.may_edit(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Piece | None = None) -> bool:
        return permissions.may_edit(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Piece | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.check_view(request)
        return HttpResponseRedirect(reverse("admin:stripeflow_workflows_workflow_changelist"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.piece(request, object_id)
        workflow = self.workflow_of(obj)
        return HttpResponseRedirect(
            reverse("admin:stripeflow_workflows_workflow_history", args=[workflow.pk])
        )

    def piece(self, request: HttpRequest, object_id: str) -> Piece:
        """The piece of this id. Raises `Http404`, and `PermissionDenied` for people who may not edit."""
        if not permissions.may_edit(request.user):
            raise PermissionDenied
        return saved(self.get_object(request, unquote(object_id)))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        workflow = self.target(request, object_id)
        if workflow.state is WorkflowStatus.ARCHIVED:
            why = _("The workflow is archived. Restore it before you change it.")
            return refused(request, workflow, why)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def not_saved(self, request: HttpRequest, object_id: str | None, why: Exception) -> HttpResponse:
        return refused(request, self.target(request, object_id), why)

    def target(self, request: HttpRequest, object_id: str | None) -> Workflow:
        """The workflow that this request is about. Raises `Http404` or `PermissionDenied`."""
        if object_id is None:
            raise PermissionDenied
        return self.workflow_of(self.piece(request, object_id))

    def save_model(self, request: HttpRequest, obj: Piece, form: Any, change: bool) -> None:
        """Leave saving to `save_related`: the piece and its rows are one change."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        obj = form.instance
        workflow, revision = self.workflow_of(obj), form.cleaned_data["revision"]
        with editing.editing(workflow, revision=revision, act=Act.of(request)):
            self.write(obj, form, change)
            super().save_related(request, form, formsets, change)

    def write(self, obj: Piece, form: Any, change: bool) -> None:
        """Save the row; the revision has been counted up."""
        obj.save()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        workflow = self.target(request, str(obj.pk) if obj else None)
        form, problems = context["adminform"].form, context.get("piece_problems", Problems())
        faults = faults_of_form(form, context["inline_admin_formsets"]) if form.is_bound else []
        context |= {
            "problem_boxes": boxes(problems),
            "faults": faults or faults_of_problems(problems.errors, form),
            "shows_problems": bool(faults) or SHOW_PROBLEMS in request.GET,
            "card": self.anchor_of(obj) if obj else "",
            "draft_key": f"{request.user.pk}/{workflow.pk}/{self.draft_of(request, obj)}",
            "workflow": workflow,
            "workflow_url": workflow_url(workflow, self.anchor_of(obj) if obj else ""),
            "title": self.title_of(obj),
            "subtitle": None,
            "crumbs": self.crumbs_of(obj) if obj else [],
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_add(self, request: HttpRequest, obj: Piece) -> HttpResponseRedirect:
        return HttpResponseRedirect(workflow_url(self.workflow_of(obj), self.anchor_of(obj)))

    def response_post_save_change(self, request: HttpRequest, obj: Piece) -> HttpResponseRedirect:
        return HttpResponseRedirect(workflow_url(self.workflow_of(obj), self.anchor_of(obj)))

    def response_change(self, request: HttpRequest, obj: Piece) -> HttpResponse:
        messages.success(request, _("Saved: %s.") % self.title_of(obj))
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return self.response_post_save_change(request, obj)

    def log_addition(self, request: HttpRequest, obj: Piece, message: Any) -> LogEntry:
        return log_on_workflow(request, self.workflow_of(obj), [{"added": self._named(obj)}])

    def log_change(self, request: HttpRequest, obj: Piece, message: Any) -> Any:
        if message:
            log_on_workflow(request, self.workflow_of(obj), self._worded(obj, message))

    def _named(self, obj: Piece) -> dict[str, str]:
        return {"name": str(self.opts.verbose_name), "object": str(obj)}

    def _worded(self, obj: Piece, message: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The change message, with the name of the object, which Django leaves out on its own page."""
        return [
            {"changed": {**self._named(obj), **entry["changed"]}}
            if "changed" in entry and "name" not in entry["changed"]
            else entry
            for entry in message
        ]


class PiecePage(AdminPage):
    """An address below a piece's page: `get` and `post` are given its row."""

    route = "<int:object_id>/{name}/"
    permission = permissions.may_edit
    admin: PieceAdmin[Any]

    def found(self, request: HttpRequest, *, object_id: int) -> dict[str, Any]:
        return {"piece": self.admin.piece(request, str(object_id))}
