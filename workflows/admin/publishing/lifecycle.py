"""Activate, deactivate, archive, restore, duplicate: pages and buttons of `activation`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import lifecycle, permissions
from stripeflow.workflows.access import second_person
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.editor.mending import mends
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.publishing.draft import unpublished
from stripeflow.workflows.admin.runs.missed import missed_by
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.caused import takes_caused_events
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.display.words import trigger_sentence
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.states import WorkflowStatus

ACTIVATE_TEMPLATE = "stripeflow/workflows/admin/activate.html"
NOTE_LENGTH = 500


@dataclass(frozen=True)
class Change:
    """A change of state that one button makes; `done` is what the reader and the history are told."""

    new: WorkflowStatus
    function: Callable[[Workflow, Act], None]
    done: Promise


CHANGES = {
    "deactivate": Change(
        WorkflowStatus.INACTIVE,
        lifecycle.deactivate,
        gettext_lazy("Deactivated. New events start no runs. Runs in progress finish."),
    ),
    "archive": Change(
        WorkflowStatus.ARCHIVED, lifecycle.archive, gettext_lazy("Archived. It can be restored at any time.")
    ),
    "restore": Change(
        WorkflowStatus.INACTIVE, lifecycle.restore, gettext_lazy("Restored. Activate it to let it run.")
    ),
}


class LifecycleViews:
    """The addresses below a workflow's page that change its state. A mixin of its ModelAdmin."""

    admin_site: Any
    behind: Callable[..., Any]

    def get_urls(self) -> list[URLPattern]:
        may = permissions.may_change_state
        views = {
            "activate": self.behind(may, self.activate_view),
            "duplicate": self.behind(permissions.may_duplicate, self.duplicate_view),
            **{name: self.behind(may, self._state_view(name)) for name in CHANGES},
        }
        return [
            *(
                path(f"<int:pk>/{name}/", view, name=f"stripeflow_workflows_workflow_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def activate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What will happen, and what stands against it; POST makes the rows the active version."""
        workflow = self._workflow(pk)
        scope = Scope(workflow)
        if request.method == "POST":
            try:
                check(request.user, Operation.ACTIVATE, [scope.document])
            except ProofNeeded as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(request.path)
            if told := second_person.refusal(workflow, scope.document, Act.of(request)):
                messages.error(request, told)
                return HttpResponseRedirect(request.path)
            return self._activate(request, workflow)
        return TemplateResponse(request, ACTIVATE_TEMPLATE, self._activate_context(request, scope))

    def _activate_context(self, request: HttpRequest, scope: Scope) -> dict[str, Any]:
        workflow, money = scope.workflow, moves_money(scope.document)
        somebody_else = second_person.refusal(workflow, scope.document, Act.of(request))
        # A proof of who they are can be given: that is asked once they activate it.
        refused = permission_missing(request.user, Operation.ACTIVATE, [scope.document])
        return {
            **self.admin_site.each_context(request),
            "title": _("Activate “%s”") % workflow.name,
            "opts": self.opts,
            "media": self.media,
            "workflow": workflow,
            "workflow_url": workflow_url(workflow),
            "problems": scope.problems,
            "mends": mends(scope, None),
            "sentence": trigger_sentence(scope.document),
            "moves_money": money,
            "changes_customers": changes_customers(scope.document),
            "takes_caused": takes_caused_events(scope.document),
            "refused": refused,
            "may_activate": not refused and not somebody_else,
            "somebody_else": somebody_else,
            "is_update": workflow.state is WorkflowStatus.ACTIVE,
            "changes": unpublished(scope, readable=permissions.may_edit(request.user)),
            "is_archived": workflow.state is WorkflowStatus.ARCHIVED,
            "next_number": (workflow.versions.values_list("number", flat=True).first() or 0) + 1,
            "note_length": NOTE_LENGTH,
            "missed": missed_by(workflow),
            "may_replay": permissions.may_replay(request.user),
        }

    def _activate(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        note = request.POST.get("note", "").strip()[:NOTE_LENGTH]
        try:
            version = lifecycle.activate(workflow, Act.of(request, note), revision=posted_revision(request))
        except DefinitionError:
            messages.error(request, _("It was not activated: there are problems to solve first."))
            return HttpResponseRedirect(request.path)
        except (lifecycle.RevisionConflict, lifecycle.NotAllowed) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(workflow_url(workflow))
        message = _("Activated: version %d now runs.") % version.number
        return self._done(request, workflow, message)

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A copy, as a draft that belongs to the reader."""
        workflow = self._posted(request, pk)
        try:
            copy = lifecycle.duplicate(workflow, owner=request.user, act=Act.of(request))
        except lifecycle.SecretInClear as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(workflow_url(workflow))
        except lifecycle.NotAllowed as error:
            raise Http404 from error
        return self._done(request, copy, _("This is a copy of “%s”. Change it as you like.") % workflow.name)

    def _state_view(self, name: str) -> Callable[..., HttpResponse]:
        change = CHANGES[name]

        def view(request: HttpRequest, pk: int) -> HttpResponse:
            workflow = self._posted(request, pk)
            try:
                change.function(workflow, Act.of(request))
            except lifecycle.NotAllowed as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(workflow_url(workflow))
            return self._done(request, workflow, str(change.done))

        return view

    def _done(self, request: HttpRequest, workflow: Workflow, message: str) -> HttpResponse:
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        return HttpResponseRedirect(workflow_url(workflow))

    def _posted(self, request: HttpRequest, pk: int) -> Workflow:
        if request.method != "POST":
            raise Http404
        return self._workflow(pk)

    def _workflow(self, pk: int) -> Workflow:
        workflow = Workflow.objects.select_related("active_version").filter(pk=pk).first()
        if workflow is None:
            raise Http404
        return workflow
