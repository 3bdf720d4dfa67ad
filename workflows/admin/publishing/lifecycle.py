"""Activate, deactivate, archive, restore, duplicate: the page and the buttons of `lifecycle`."""

from collections.abc import Callable
from typing import ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.access import second_person
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.admin.base.outcomes import done, refused
from stripeflow.workflows.admin.base.passed_times import chosen, while_inactive
from stripeflow.workflows.admin.base.revisions import posted_revision
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton, WorkflowPage
from stripeflow.workflows.admin.editor.mending import mends
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.publishing.draft import unpublished
from stripeflow.workflows.admin.runs.missed import missed_by
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.caused import takes_caused_events
from stripeflow.workflows.definition.changing import changes_data, writes_to_customers
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.display.words import trigger_sentence
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus

NOTE_LENGTH = 500


class ActivatePage(WorkflowPage):
    """What will happen, and what blocks it; POST activates the rows as a new version."""

    name = "activate"
    permission = permissions.may_change_state
    template = "stripeflow/workflows/admin/activate.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        scope = Scope(workflow)
        somebody_else = second_person.refusal(workflow, scope.document, Act.of(request))
        # The proof of who they are is asked for when they activate.
        refused = permission_missing(request.user, Operation.ACTIVATE, [scope.document])
        return self.shown(
            request,
            workflow=workflow,
            title=_("Activate “%s”") % workflow.name,
            problems=scope.problems,
            mends=mends(scope, None),
            sentence=trigger_sentence(scope.document),
            moves_money=moves_money(scope.document),
            changes_customers=changes_data(scope.document),
            writes_to_customers=writes_to_customers(scope.document),
            takes_caused=takes_caused_events(scope.document),
            refused=refused,
            may_activate=not refused and not somebody_else,
            somebody_else=somebody_else,
            is_update=workflow.state is WorkflowStatus.ACTIVE,
            changes=unpublished(scope, readable=permissions.may_edit(request.user)),
            is_archived=workflow.state is WorkflowStatus.ARCHIVED,
            next_number=(workflow.versions.values_list("number", flat=True).first() or 0) + 1,
            note_length=NOTE_LENGTH,
            missed=missed_by(workflow),
            passed_times=while_inactive(workflow, TriggerPlan.of(scope.document["trigger"])),
            may_replay=permissions.may_replay(request.user),
        )

    def post(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        document = Scope(workflow).document
        try:
            check(request.user, Operation.ACTIVATE, [document])
        except ProofNeeded as error:
            return self._again(request, str(error))
        if refusal := second_person.refusal(workflow, document, Act.of(request)):
            return self._again(request, refusal)
        note = request.POST.get("note", "").strip()[:NOTE_LENGTH]
        times = while_inactive(workflow, TriggerPlan.of(document["trigger"]))
        try:
            version = lifecycle.activate(workflow, Act.of(request, note), revision=posted_revision(request))
        except DefinitionError:
            return self._again(request, _("It was not activated: there are problems to solve first."))
        except (editing.RevisionConflict, editing.NotAllowed) as error:
            return refused(request, workflow, error)
        answer = done(request, workflow, _("Activated: version %d now runs.") % version.number)
        return HttpResponseRedirect(url) if (url := chosen(request, times)) else answer

    def _again(self, request: HttpRequest, why: str) -> HttpResponse:
        messages.error(request, why)
        return HttpResponseRedirect(request.path)


class DuplicatePage(WorkflowButton):
    """A copy, as a draft that belongs to the reader."""

    name = "duplicate"
    permission = permissions.may_duplicate

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        try:
            copy = lifecycle.duplicate(workflow, owner=request.user, act=Act.of(request))
        except editing.SecretInClear:
            raise
        except editing.NotAllowed as error:
            raise Http404 from error
        return done(request, copy, _("This is a copy of “%s”. Change it as you like.") % workflow.name)


class StatePage(WorkflowButton):
    """A button that makes one change of state; `said` is the sentence for the reader and the history."""

    permission = permissions.may_change_state
    make: ClassVar[Callable[[Workflow, Act], None]]
    said: ClassVar[Promise]

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        type(self).make(workflow, Act.of(request))
        return done(request, workflow, str(self.said))


class DeactivatePage(StatePage):
    name = "deactivate"
    make = lifecycle.deactivate
    said = gettext_lazy("Deactivated. New events start no runs. Runs in progress finish.")


class ArchivePage(StatePage):
    name = "archive"
    make = lifecycle.archive
    said = gettext_lazy("Archived. It can be restored at any time.")


class RestorePage(StatePage):
    name = "restore"
    make = lifecycle.restore
    said = gettext_lazy("Restored. Activate it to let it run.")
