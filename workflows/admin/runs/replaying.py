"""Replays in the admin: a preview of what stored events would start, and then the start itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.triggers.models import Event
from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import Operation, permission_missing
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.runs.operating import now_text, seen_at
from stripeflow.workflows.admin.runs.replay_form import NOTE_LENGTH, ConfirmForm, ReplayForm
from stripeflow.workflows.admin.runs.run_list import WORKFLOW_PARAMETER
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.explained import Explainer
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.operations import replay
from stripeflow.workflows.operations.replay import MAX_EVENTS, NotReplayable
from stripeflow.workflows.operations.replay_choice import Chosen, choose
from stripeflow.workflows.operations.replay_outcomes import Judged, Outcome, Replayed
from stripeflow.workflows.states import RunStatus

PAGE_SIZE = 50


class ReplayPage(AdminPage):
    """Choosing the events, the preview, and the confirmation."""

    name = "replay"
    permission = permissions.may_replay
    template = "stripeflow/workflows/runs/replay.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Asks which events."""
        names = ("workflow", "ids", "number", "since", "until")
        return self._ask(request, ReplayForm(initial={name: request.GET.get(name, "") for name in names}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Shows what would start, and with `start` starts it."""
        if "start" in request.POST:
            return self._start(request)
        form = ReplayForm(request.POST)
        return self._show(request, form) if form.is_valid() else self._ask(request, form)

    def _ask(self, request: HttpRequest, form: ReplayForm, **more: Any) -> HttpResponse:
        return self.shown(request, title=_("Replay events"), form=form, most=MAX_EVENTS, **more)

    def _show(self, request: HttpRequest, form: ReplayForm) -> HttpResponse:
        try:
            chosen = choose(form.choice)
            judged = replay.preview(chosen.events, chosen.version, again=form.cleaned_data["again"])
        except NotReplayable as error:
            form.add_error(None, str(error))
            return self._ask(request, form)
        would = [one.event.pk for one in judged if one.outcome is Outcome.WOULD_START]
        page = Paginator(judged, PAGE_SIZE).get_page(request.POST.get("page"))
        return self._ask(
            request,
            form,
            chosen=chosen,
            judged=judged,
            counts=_counts(judged),
            page=page,
            rows=_rows(request, chosen, page),
            would=would,
            would_text=",".join(map(str, would)),
            not_set_off=permission_missing(request.user, Operation.REPLAY, [chosen.version.document]),
            seen_at=now_text(),
            note_length=NOTE_LENGTH,
        )

    def _start(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            raise Http404
        given = form.cleaned_data
        version = _version(given["version"])
        if not replay.may_replay(request.user, version):
            raise PermissionDenied
        if given["active"] and version.workflow.active_version_id != version.pk:
            messages.error(request, _("Another version was activated meanwhile. Look at the preview again."))
            return HttpResponseRedirect(f"{request.path}?workflow={version.workflow_id}")
        act = Act.of(request, given["note"].strip(), seen_at=seen_at(request))
        events = Event.objects.without_body().filter(pk__in=given["events"]).order_by("created", "pk")
        try:
            done = replay.execute(list(events), version, act=act, again=given["again"])
        except (NotReplayable, ProofNeeded) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(f"{request.path}?workflow={version.workflow_id}")
        _tell(request, version, done)
        runs = reverse("admin:stripeflow_workflows_run_changelist")
        return HttpResponseRedirect(f"{runs}?{WORKFLOW_PARAMETER}={version.workflow_id}")


def _version(pk: int) -> WorkflowVersion:
    """The version that the preview was about. Raises `Http404`, also for an archived workflow's."""
    version = WorkflowVersion.objects.select_related("workflow").filter(pk=pk).first()
    if version is None:
        raise Http404
    try:
        return replay.version_of(version.workflow, version.number)
    except NotReplayable as error:
        raise Http404 from error


def _counts(judged: Sequence[Judged]) -> list[tuple[Outcome, int]]:
    """How many events there are of each outcome, in the order of the outcomes."""
    counts = Counter(one.outcome for one in judged)
    return [(outcome, counts[outcome]) for outcome in Outcome if counts[outcome]]


def _rows(request: HttpRequest, chosen: Chosen, page: Page) -> list[dict[str, Any]]:
    known = Known(TriggerPlan.of(chosen.version.document["trigger"]))
    explainer = Explainer(known, permissions.may_see_payloads(request.user))
    return [
        {
            "judged": one,
            "label": event_label(one.event),
            "lines": explainer.lines(one.evaluation.to_json()) if one.evaluation else (),
        }
        for one in page
    ]


def _tell(request: HttpRequest, version: WorkflowVersion, done: Replayed) -> None:
    """Say what was started, held and skipped; the workflow's history says the first as well."""
    number = len(done.started)
    said = ngettext(
        "%(number)d run was started by a replay on version %(version)d.",
        "%(number)d runs were started by a replay on version %(version)d.",
        number,
    ) % {"number": number, "version": version.number}
    if number:
        log_on_workflow(request, version.workflow, said)
    messages.add_message(request, messages.SUCCESS if number else messages.WARNING, said)
    if held := sum(run.status == RunStatus.HELD for run in done.started):
        messages.info(request, ngettext("%d of them is held.", "%d of them are held.", held) % held)
    for outcome, left in _counts(done.left):
        messages.warning(
            request,
            ngettext(
                "%(number)d event was left alone: %(why)s", "%(number)d events were left alone: %(why)s", left
            )
            % {"number": left, "why": outcome.sentence},
        )
