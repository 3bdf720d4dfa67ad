"""Unknown outcomes of many runs: an action of the list, and the page that asks what became of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from stripeflow.triggers.models import BODY
from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, permission_missing
from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin
from stripeflow.workflows.admin.runs.operating import NOTE_LENGTH, note_of, tell
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.operations.resolving import (
    mark_of,
    needs_outputs,
    read_mark,
    resolve_each,
    unknown_steps,
)
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE, Outcome
from stripeflow.workflows.states import RunStatus

# How many of the chosen runs are looked at; each page names `MAX_AT_ONCE` of them.
_LOOKED_AT = 1000

_DONE_MANY = {
    Outcome.HAPPENED: ngettext_lazy(
        "%d step did happen, as you say; its run goes on.",
        "%d steps did happen, as you say; their runs go on.",
    ),
    Outcome.DID_NOT_HAPPEN: ngettext_lazy(
        "%d step did not happen, as you say; it has failed.",
        "%d steps did not happen, as you say; they have failed.",
    ),
    Outcome.AGAIN: ngettext_lazy("%d step is done again.", "%d steps are done again."),
}
_LEFT_OUT = ngettext_lazy(
    "%d of the chosen runs has no unknown outcome, and is left out.",
    "%d of the chosen runs have no unknown outcome, and are left out.",
)


@dataclass(frozen=True)
class Row:
    """One run of the page. `safe`: the same call can be sent again without a second effect.

    `mark` says which of its unknown outcomes was shown, and `not_set_off` which permission is missing.
    """

    run: Run
    mark: str
    step: StepRun
    title: str
    safe: bool
    needs_outputs: bool
    not_set_off: str


class ResolveManyPage(AdminPage):
    """Resolves the runs that the page of the list's action named."""

    name = "resolve_many"
    route = "resolve/"
    permission = permissions.may_operate_runs

    def post(self, request: HttpRequest) -> HttpResponse:
        outcome, seen = _posted(request)
        if not seen:
            messages.warning(request, _("No run was selected, so nothing was done."))
        act = Act.of(request, note_of(request))
        tell(request, _DONE_MANY[outcome], list(resolve_each(seen, outcome, act)))
        return HttpResponseRedirect(reverse("admin:stripeflow_workflows_run_changelist"))


def ask_what_became(admin: PagedAdmin, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse | None:
    """The page that shows the unknown outcomes, and asks about them; None if there are none."""
    ids = list(queryset.order_by("-created_at").values_list("pk", flat=True)[:_LOOKED_AT])
    rows = _rows(ids, request.user)
    if left := len(ids) - len(rows):
        messages.info(request, _LEFT_OUT % left)
    if not rows:
        return None
    context = {
        "title": _("What happened to these steps?"),
        "rows": rows[:MAX_AT_ONCE],
        "more": max(len(rows) - MAX_AT_ONCE, 0),
        "at_once": MAX_AT_ONCE,
        "unsafe": sum(not row.safe for row in rows[:MAX_AT_ONCE]),
        "needy": sum(row.needs_outputs for row in rows[:MAX_AT_ONCE]),
        "note_length": NOTE_LENGTH,
    }
    return admin.shown(request, "stripeflow/workflows/runs/resolve_many.html", context)


# The list's action, as Django wants it: function, name and label.
RESOLVE_ACTION = (ask_what_became, "resolve", gettext_lazy("Resolve unknown outcomes…"))


def _rows(ids: list[UUID], user: Any) -> list[Row]:
    """Those of the runs that have an unknown outcome, oldest first: it waits longest for an answer."""
    related = ("workflow", "version", "event")
    heavy = (*(f"event__{name}" for name in BODY), "explanation")
    runs = Run.objects.filter(pk__in=ids, status=RunStatus.OUTCOME_UNKNOWN).select_related(*related)
    found = list(runs.defer(*heavy).order_by("created_at"))
    steps = unknown_steps([run.pk for run in found])
    return [_row(run, steps[run.pk], user) for run in found if run.pk in steps]


def _row(run: Run, step: StepRun, user: Any) -> Row:
    return Row(
        run=run,
        mark=mark_of(run),
        step=step,
        title=title_in(run.version.document, step.step_key),
        safe=on_runs.same_call_is_safe(step),
        needs_outputs=needs_outputs(run, step),
        not_set_off=permission_missing(user, Operation.HAPPENED, [run.version.document]),
    )


def _posted(request: HttpRequest) -> tuple[Outcome, dict[UUID, int]]:
    """What the page sent: the outcome, and the runs as it showed them. Raises `Http404` for anything else."""
    try:
        seen = dict(map(read_mark, request.POST.getlist("run")))
        outcome = Outcome(request.POST.get("outcome", ""))
    except ValueError as error:
        raise Http404 from error
    if len(seen) > MAX_AT_ONCE:
        raise Http404
    return outcome, seen
