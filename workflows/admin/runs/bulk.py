"""The page that starts a workflow many times: a table, what it would start, and then the start itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.admin.runs.bulk_form import NOTE_LENGTH, BulkForm, column_boxes, form_of
from stripeflow.workflows.admin.runs.run_list import WORKFLOW_PARAMETER
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.on_demand.kinds import KINDS
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import bulk
from stripeflow.workflows.operations.asking import inputs_of, is_timed
from stripeflow.workflows.operations.invoking import active_version_of
from stripeflow.workflows.operations.table import MAX_LINES, read

# Lines that a preview shows, those with problems first.
_SHOWN = 100


class BulkPage(WorkflowButton):
    """A table; what it would start; sent again with `start`, it starts."""

    name = "bulk"
    permission = permissions.may_operate_runs
    template = "stripeflow/workflows/runs/bulk.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        try:
            version = active_version_of(workflow)
            if not may_start_many(workflow):
                message = _("“%s” asks for no inputs, so it cannot be started from a table.")
                raise NotPossible(message % workflow)
        except NotPossible as error:
            return refused(request, workflow, error)
        form = form_of(version)
        form.initial["version"] = version.number
        return self._ask(request, workflow, form)

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        version = active_version_of(workflow)
        check(request.user, Operation.START, [version.document])
        form = form_of(version, request.POST, request.FILES)
        if not form.is_valid():
            return self._ask(request, workflow, form)
        try:
            table = read(inputs_of(version), form.cleaned_data["table"], form.columns())
            asked = form.asked()
            if "start" not in request.POST:
                return self._show(request, workflow, form, table, bulk.preview(workflow, table.rows, asked))
            note, typed = request.POST.get("note", "")[:NOTE_LENGTH], request.POST.get("confirm", "")
            done = bulk.start(workflow, table.rows, asked, Act.of(request, note), typed=typed)
        except bulk.NotConfirmed as error:
            form.add_error(None, str(error))
            return self._show(request, workflow, form, table, bulk.preview(workflow, table.rows, asked))
        except NotPossible as error:
            form.add_error(None, str(error))
            return self._ask(request, workflow, form)
        return _answer(request, workflow, done)

    def _ask(self, request: HttpRequest, workflow: Workflow, form: BulkForm, **more: Any) -> HttpResponse:
        version = active_version_of(workflow)
        return self.shown(
            request,
            workflow=workflow,
            title=_("Run “%s” many times") % workflow.name,
            form=form,
            version=version,
            most=MAX_LINES,
            columns=[
                (one, KINDS[one.kind].label, KINDS[one.kind].columns(one)) for one in inputs_of(version)
            ],
            refused=permission_missing(request.user, Operation.START, [version.document]),
            **more,
        )

    def _show(
        self, request: HttpRequest, workflow: Workflow, form: BulkForm, table: Any, found: bulk.Bulk
    ) -> HttpResponse:
        lines = [*found.wrong, *(one for one in found.lines if one.state is not bulk.State.WRONG)]
        return self._ask(
            request,
            workflow,
            form,
            bulk=found,
            lines=lines[:_SHOWN],
            hidden=max(len(lines) - _SHOWN, 0),
            boxes=column_boxes(inputs_of(found.version), table.header, table.columns),
            text=form.cleaned_data["table"],
            changes_customers=changes_customers(found.version.document),
            note_length=NOTE_LENGTH,
        )


def may_start_many(workflow: Workflow) -> bool:
    """Whether the active version asks for inputs, so that a table may give them."""
    version = workflow.active_version
    try:
        return version is not None and not is_timed(version) and bool(inputs_of(version))
    except NotPossible:
        return False


def _answer(request: HttpRequest, workflow: Workflow, done: list[bulk.Done]) -> HttpResponse:
    number = sum(one.is_new and one.run is not None for one in done)
    said = ngettext("%d run was started.", "%d runs were started.", number) % number
    messages.add_message(request, messages.SUCCESS if number else messages.WARNING, said)
    if before := sum(not one.is_new and one.run is not None for one in done):
        told = ngettext("%d line had started before.", "%d lines had started before.", before)
        messages.info(request, told % before)
    for one in [one for one in done if one.run is None][:5]:
        why = {"line": one.number, "why": one.reason}
        messages.warning(request, _("Line %(line)d started no run: %(why)s") % why)
    if not permissions.may_see_runs(request.user):
        return HttpResponseRedirect(request.path)
    runs = reverse("admin:stripeflow_workflows_run_changelist")
    return HttpResponseRedirect(f"{runs}?{WORKFLOW_PARAMETER}={workflow.pk}")
