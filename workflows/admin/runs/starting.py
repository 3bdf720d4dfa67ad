"""The page that starts a workflow on demand, and what the workflow's own page says of it."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.admin.runs.starting_form import StartForm, form_of
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.operations.asking import KeyTaken, OtherVersion, WrongInputs
from stripeflow.workflows.operations.earlier import Invoked, was_used
from stripeflow.workflows.operations.invoking import active_version_of, invoke, may_be_started

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


class StartPage(WorkflowButton):
    """The form; sent, it starts a run and leads to it."""

    name = "start"
    permission = permissions.may_operate_runs
    template = "stripeflow/workflows/runs/start.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        try:
            form = form_of(active_version_of(workflow), address=request.GET.dict())
        except NotPossible as error:
            return refused(request, workflow, error)
        return self._form(request, workflow, form)

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        seen = _described(request, workflow)
        check(request.user, Operation.START, [seen.document])
        form = form_of(seen, request.POST)
        if not form.is_valid():
            return self._not_sent(request, workflow, form)
        try:
            invoked = invoke(workflow, form.asked(), Act.of(request, form.cleaned_data["note"]))
        except (WrongInputs, OtherVersion, KeyTaken) as error:
            return self._not_sent(request, workflow, form, error)
        return _answer(request, workflow, invoked)

    def _not_sent(
        self, request: HttpRequest, workflow: Workflow, form: StartForm, error: NotPossible | None = None
    ) -> HttpResponse:
        """The form again, for the version that is active now, and why nothing was started."""
        if was_used(workflow, form.data.get("key", "")):
            # People do not see the form's key.
            error = KeyTaken(_("This form has been sent before. Open it again to start a run."))
            if workflow.active_version is None:
                raise error
        version = active_version_of(workflow)
        if not form.is_for(version):
            error = error or OtherVersion(version)
            form = form_of(version, request.POST)
        if error is not None:
            form.add_error(None, str(error))
        return self._form(request, workflow, form)

    def _form(self, request: HttpRequest, workflow: Workflow, form: StartForm) -> HttpResponse:
        version = active_version_of(workflow)
        form.describe(version)
        return self.shown(
            request,
            workflow=workflow,
            title=_("Run “%s”") % workflow.name,
            form=form,
            form_media=form.media,
            recent=form.offer(request.user, scope_of(version.document["trigger"])),
            version=version,
            moves_money=moves_money(version.document),
            changes_customers=changes_customers(version.document),
            refused=permission_missing(request.user, Operation.START, [version.document]),
        )


def _described(request: HttpRequest, workflow: Workflow) -> WorkflowVersion:
    """The version that the page described which was sent, or the active one. Raises `NotPossible`."""
    number = request.POST.get("version", "")
    seen = workflow.versions.filter(number=int(number)).first() if _NUMBER.fullmatch(number) else None
    return seen or active_version_of(workflow)


def _answer(request: HttpRequest, workflow: Workflow, invoked: Invoked) -> HttpResponse:
    if invoked.run is None:
        messages.warning(request, _("No run was started: %s") % invoked.reason)
        return HttpResponseRedirect(request.path)
    messages.success(request, _("Started."))
    if not permissions.may_see_runs(request.user):
        return HttpResponseRedirect(request.path)
    return HttpResponseRedirect(reverse("admin:stripeflow_workflows_run_change", args=[invoked.run.pk]))


def start_context(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """Whether the workflow's page offers it: the active version may be started so, by the reader as well."""
    version = workflow.active_version
    if version is None or not may_be_started(version):
        return {"may_start": False}
    return {"may_start": not permission_missing(request.user, Operation.START, [version.document])}
