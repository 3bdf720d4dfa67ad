"""The page that fills a period of a schedule: its times between two dates, and those that start a run."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.triggers.types.recurring_schedule import words
from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.admin.runs.filling_form import FillForm, PeriodForm
from stripeflow.workflows.admin.runs.operating import now_text, seen_at
from stripeflow.workflows.admin.runs.replay_form import NOTE_LENGTH
from stripeflow.workflows.admin.runs.run_list import WORKFLOW_PARAMETER
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.operations.filling import (
    MAX_TIMES,
    Filled,
    NotConfirmed,
    Period,
    State,
    fill,
    period_of,
    timing_of,
)


class FillPage(WorkflowButton):
    """Two dates; the times between them, ticked where nothing has run; sent, they start."""

    name = "fill"
    permission = permissions.may_replay
    template = "stripeflow/workflows/runs/fill.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        try:
            zone = timing_of(workflow).timetable.zone
        except NotPossible as error:
            return refused(request, workflow, error)
        if "since" not in request.GET:
            return self._ask(request, workflow, PeriodForm(zone))
        form = PeriodForm(zone, request.GET)
        return self._show(request, workflow, form) if form.is_valid() else self._ask(request, workflow, form)

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        form = FillForm(request.POST)
        try:
            times, again = form.times("times"), form.times("again")
        except (ValueError, OverflowError, OSError) as error:
            raise Http404 from error
        if "version" in form.errors:
            raise Http404
        version = _version(workflow, form.cleaned_data["version"])
        check(request.user, Operation.FILL, [version.document])
        act = Act.of(request, form.cleaned_data.get("note", "").strip(), seen_at=seen_at(request))
        confirmed = form.cleaned_data.get("confirm")
        try:
            done = fill(version, times, act, again=again, confirmed=confirmed)
        except NotConfirmed as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())
        _tell(request, workflow, done)
        runs = reverse("admin:stripeflow_workflows_run_changelist")
        return HttpResponseRedirect(f"{runs}?{WORKFLOW_PARAMETER}={workflow.pk}")

    def _ask(self, request: HttpRequest, workflow: Workflow, form: PeriodForm, **more: Any) -> HttpResponse:
        title = _("Fill a period of “%s”") % workflow.name
        return self.shown(request, workflow=workflow, title=title, form=form, most=MAX_TIMES, **more)

    def _show(self, request: HttpRequest, workflow: Workflow, form: PeriodForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            period = period_of(workflow, given["since"], given["until"])
        except NotPossible as error:
            form.add_error(None, str(error))
            return self._ask(request, workflow, form)
        document = period.version.document
        return self._ask(
            request,
            workflow,
            form,
            period=period,
            rows=_rows(period, form.zone),
            changes_customers=changes_customers(document),
            refused=permission_missing(request.user, Operation.FILL, [document]),
            seen_at=now_text(),
            note_length=NOTE_LENGTH,
        )


def fill_context(workflow: Workflow) -> dict[str, Any]:
    """Whether the workflow's page offers it."""
    try:
        timing_of(workflow)
    except NotPossible:
        return {"has_times": False}
    return {"has_times": True}


def _version(workflow: Workflow, number: int) -> WorkflowVersion:
    version = workflow.versions.select_related("workflow__active_version").filter(number=number).first()
    if version is None:
        raise Http404
    return version


def _rows(period: Period, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "value": int(one.at.timestamp()),
            "words": words.moment(one.at, zone),
            "name": "again" if one.state is State.HAS_RUN else "times",
            "planned": one,
        }
        for one in period.times
    ]


def _tell(request: HttpRequest, workflow: Workflow, done: Filled) -> None:
    number = len(done.started)
    said = ngettext(
        "%d run was started by filling a period.", "%d runs were started by filling a period.", number
    )
    said %= number
    if number:
        log_on_workflow(request, workflow, said)
    messages.add_message(request, messages.SUCCESS if number else messages.WARNING, said)
    if left := len(done.left):
        reasons = " ".join(dict.fromkeys(one.outcome.sentence for one in done.left))
        told = ngettext(
            "%(number)d time was left alone: %(why)s", "%(number)d times were left alone: %(why)s", left
        )
        messages.warning(request, told % {"number": left, "why": reasons})
