"""The buttons on the cards of the outline: each is a small form that makes one guarded change."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.editor.places import NewPlace, new_place
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.choices import StepKind
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.moving import check_limits, duplicate
from stripeflow.workflows.models import Branch, Step, Workflow

DELETE_TEMPLATE = "stripeflow/workflows/admin/step_delete.html"


class StepButtons:
    """Add a branch, move, duplicate, delete. A mixin of the steps' ModelAdmin."""

    admin_site: Any
    behind: Callable[..., Any]

    def get_urls(self) -> list[URLPattern]:
        own = [("move", self.move_view), ("duplicate", self.duplicate_view), ("branch", self.branch_view)]
        return [
            *(self._url(f"<int:object_id>/{name}/", name, view) for name, view in own),
            self._url("add/branch/", "add_branch_step", self.add_branch_step_view),
            *super().get_urls(),
        ]

    def _url(self, route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        asked = self.behind(permissions.may_edit, view)
        return path(route, asked, name=f"stripeflow_workflows_step_{name}")

    def add_branch_step_view(self, request: HttpRequest) -> HttpResponse:
        """Add a branch step, and open its first branch."""
        place = self._posted_place(request)

        def change() -> Branch:
            way = arrange.add_branch_step(place.workflow, place.branch, place.position)
            check_limits(place.workflow)
            return way

        return self._edit(request, place.workflow, change, _("Added a branch."))

    def branch_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Add one more branch to a branch step, and open it."""
        step = self._posted_step(request, object_id)
        if step.kind != StepKind.BRANCH:
            raise Http404
        return self._edit(request, step.workflow, lambda: arrange.add_branch(step), _("Added a branch."))

    def move_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Move a step up or down within its level."""
        step = self._posted_step(request, object_id)
        by = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
        if by is None:
            raise Http404
        message = _("Moved the step “%s”.") % self.title_of(step)

        def change() -> Step:
            arrange.move(step, by)
            return step

        return self._edit(request, step.workflow, change, message)

    def duplicate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Put a copy of an action step right behind it."""
        step = self._posted_step(request, object_id)
        if step.kind != StepKind.ACTION:
            raise Http404
        message = _("Duplicated the step “%s”.") % self.title_of(step)
        return self._edit(request, step.workflow, lambda: self._duplicated(step), message)

    def _duplicated(self, step: Step) -> Step:
        copy = duplicate(step)
        check_limits(step.workflow)
        return copy

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete the step with all that is inside it."""
        step = self.piece(request, object_id)
        if request.method == "POST":
            message = _("Deleted the step “%s”.") % self.title_of(step)
            return self._edit(request, step.workflow, lambda: arrange.remove(step), message)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete the step “%s”?") % self.title_of(step),
            "opts": self.opts,
            "media": self.media,
            "workflow": step.workflow,
            "workflow_url": workflow_url(step.workflow, self.anchor_of(step)),
            "users_of_it": [*map(arrange.title_of, arrange.users_of(step))],
            "within": [*map(arrange.title_of, arrange.steps_within(step))],
        }
        return TemplateResponse(request, DELETE_TEMPLATE, context)

    def _posted_step(self, request: HttpRequest, object_id: int) -> Step:
        if request.method != "POST":
            raise Http404
        return self.piece(request, str(object_id))

    def _posted_place(self, request: HttpRequest) -> NewPlace:
        if request.method != "POST":
            raise Http404
        return new_place(request.GET)

    def _edit(
        self, request: HttpRequest, workflow: Workflow, change: Callable[[], Any], message: str
    ) -> HttpResponse:
        """Make one guarded change, say so in the history, and go to what it left to look at."""
        try:
            with lifecycle.editing(workflow, revision=posted_revision(request), act=Act.of(request)):
                result = change()
        except (lifecycle.RevisionConflict, lifecycle.NotAllowed) as error:
            return self.refused(request, workflow, str(error))
        except DefinitionError as error:
            return self.refused(request, workflow, " ".join(one.message for one in error.problems[:3]))
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        if isinstance(result, Branch):
            return HttpResponseRedirect(reverse("admin:stripeflow_workflows_branch_change", args=[result.pk]))
        anchor = self.anchor_of(result) if isinstance(result, Step) else "steps"
        return HttpResponseRedirect(workflow_url(workflow, anchor))
