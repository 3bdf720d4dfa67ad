"""Before it runs: “Test” and “Back-test”, as pages of their own or in the editor's panel."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.triggers.costly import answers_busy, turn
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.workflow_page import WorkflowPage
from stripeflow.workflows.admin.publishing.rehearsal_form import DAYS, BackTestForm, ScriptForm, TestForm
from stripeflow.workflows.display.cards import Outline
from stripeflow.workflows.display.outline import Rows, outline, rows_of
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.rehearsal.backtest import Match, Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, Script, script_of
from stripeflow.workflows.rehearsal.shown import TrialPage, amounts_of, sums_of
from stripeflow.workflows.rehearsal.trials import Trial, rehearse_event, rehearse_sample
from stripeflow.workflows.states import WorkflowStatus

_PER_PAGE = 50


class _Rehearsal(WorkflowPage):
    """A page that shows a dry run of a workflow. It only reads."""

    permission = permissions.may_view

    def rehearsed(
        self, request: HttpRequest, script: Script, form: ScriptForm, context: dict[str, Any]
    ) -> HttpResponse:
        """The page of one draft or version."""
        return self.shown(
            request,
            workflow=script.workflow,
            form=form,
            script=script,
            query=urlencode({"version": script.version.number}) if script.version else "",
            may_edit=_may_edit_here(request, script),
            is_nav_sidebar_enabled=False,
            **context,
        )


class TestPage(_Rehearsal):
    """The path of one event through the workflow."""

    name = "test"
    template = "stripeflow/workflows/rehearsal/test.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        form = TestForm(workflow, request.GET)
        script = script_of(workflow, form.number)
        stored = permissions.may_rehearse_events(request.user)
        form.offer(script, stored=stored)
        page, fault = None, ""
        try:
            trial = _trial(request, form, script)
            page = TrialPage(trial, payloads=permissions.may_see_payloads(request.user))
        except (NotRehearsable, ValidationError) as error:
            fault = " ".join(getattr(error, "messages", [str(error)]))
        context = {
            "title": _("Test"),
            "body": "stripeflow/workflows/rehearsal/test_body.html",
            "page": page,
            "fault": fault,
            "stored": stored,
            "needs_payloads": not stored and permissions.may_see_events(request.user),
            "canvas": _canvas(request, script, page),
        }
        return self.rehearsed(request, script, form, context)


class BackTestPage(_Rehearsal):
    """Which stored events of some days would have started the workflow."""

    name = "backtest"
    template = "stripeflow/workflows/rehearsal/backtest.html"

    @answers_busy
    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        form = BackTestForm(workflow, request.GET)
        script = script_of(workflow, form.number)
        allowed = permissions.may_rehearse_events(request.user)
        context = {
            "title": _("Back-test"),
            "body": "stripeflow/workflows/rehearsal/backtest_body.html",
            "allowed": allowed,
            "days": DAYS,
        }
        if allowed and "days" in request.GET and form.is_valid():
            with turn(request.user):
                context |= _backtest_context(request, form, script)
        return self.rehearsed(request, script, form, context)


def _trial(request: HttpRequest, form: TestForm, script: Script) -> Trial:
    event = form.chosen()
    anyway = bool(form.cleaned_data.get("anyway"))
    if event is None:
        return rehearse_sample(script, anyway=anyway)
    payloads = permissions.may_see_payloads(request.user)
    return rehearse_event(script, event, anyway=anyway, payloads=payloads)


def _may_edit_here(request: HttpRequest, script: Script) -> bool:
    """Whether the canvas has its links to edit: inside the editor, on the rows themselves."""
    in_editor = request.headers.get("HX-Request") == "true" and script.version is None
    archived = script.workflow.state is WorkflowStatus.ARCHIVED
    return in_editor and permissions.may_edit(request.user) and not archived


def _canvas(request: HttpRequest, script: Script, page: TrialPage | None) -> Outline:
    rows = rows_of(script.workflow) if _may_edit_here(request, script) else Rows(None)
    readable = permissions.may_edit(request.user)
    return outline(script.document, rows=rows, readable=readable, marks=page.marks if page else None)


def _backtest_context(request: HttpRequest, form: BackTestForm, script: Script) -> dict[str, Any]:
    days = form.cleaned_data.get("days") or DAYS
    until = form.cleaned_data.get("until")
    span = Span.of_days(days, until=datetime.fromtimestamp(until, UTC) if until else None)
    try:
        found = backtest(script, span)
    except NotRehearsable as error:
        return {"fault": str(error)}
    matches = Paginator(found.matches, _PER_PAGE).get_page(request.GET.get("page"))
    version = {"version": script.version.number} if script.version else {}
    # The next second, so that the newest event stays in the span.
    kept = {**version, "days": days, "until": int(found.span.until.timestamp()) + (until is None)}
    return {
        "found": found,
        "days": days,
        "matches": matches,
        "rows": [_row(script, match) for match in matches],
        "moved": sums_of(found),
        "kept": urlencode(kept),
    }


def _row(script: Script, match: Match) -> dict[str, Any]:
    test = reverse("admin:stripeflow_workflows_workflow_test", args=[script.workflow.pk])
    query = {"event": match.reference, **({"version": script.version.number} if script.version else {})}
    return {
        "match": match,
        "url": f"{test}?{urlencode(query)}",
        "moved": amounts_of(match),
    }
