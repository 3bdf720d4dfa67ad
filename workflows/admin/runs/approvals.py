"""What waits for the reader's decision: one list, and deciding on many after one confirmation."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from stripeflow.triggers.guarded_admin import NotEdited
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.admin.runs.operating import NOTE_LENGTH, note_of
from stripeflow.workflows.approvals.would import sums_text
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.history.approvals import approvals_of
from stripeflow.workflows.models import Approval
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.operations.deciding import Decided, decide_each
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE
from stripeflow.workflows.operations.waiting_for import mark_of, read_mark, total_of, waiting_for

# At most this many reasons are quoted.
_QUOTED = 3

_DONE_MANY: dict[Verdict, Promise] = {
    Verdict.APPROVE: ngettext_lazy("You have approved %d.", "You have approved %d."),
    Verdict.DECLINE: ngettext_lazy("You have declined %d.", "You have declined %d."),
}


class WaitingPage(AdminPage):
    """The list. POST asks once more, with the sum of what is ticked; confirmed, it decides on just that."""

    name = "changelist"
    route = ""
    permission = permissions.may_decide
    template = "stripeflow/workflows/runs/waiting_for.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(request, waiting_for(request.user), title=_("Waiting for me"))

    def post(self, request: HttpRequest) -> HttpResponse:
        verdict, seen = _posted(request)
        if not seen:
            messages.warning(request, _("Nothing was ticked, so nothing was decided."))
            return HttpResponseRedirect(request.path)
        if "confirmed" not in request.POST:
            return self._asked_again(request, verdict, seen)
        _tell(request, verdict, list(decide_each(seen, verdict, Act.of(request, note_of(request)))))
        return HttpResponseRedirect(request.path)

    def _asked_again(self, request: HttpRequest, verdict: Verdict, seen: dict[int, str]) -> HttpResponse:
        """The same rows once more, as they were seen, with their sum."""
        chosen = [one for one in waiting_for(request.user) if seen.get(one.pk) == one.digest]
        if len(chosen) < len(seen):
            message = _("Some of them are decided by now, or something else would happen. They are left out.")
            messages.warning(request, message)
        if not chosen:
            return HttpResponseRedirect(request.path)
        title = _("Approve these?") if verdict is Verdict.APPROVE else _("Decline these?")
        return self._shown(request, chosen, title=title, verdict=verdict)

    def _shown(self, request: HttpRequest, rows: list[Approval], **context: Any) -> HttpResponse:
        seen = approvals_of(rows, request.user, payloads=True)
        return self.shown(
            request,
            rows=[(mark_of(one.row), one) for one in seen],
            sums=sums_text(total_of(rows)),
            unknown=sum(
                would["moves_money"] and would["amount"] is None for row in rows for would in row.would
            ),
            note=note_of(request),
            note_length=NOTE_LENGTH,
            media=self.admin.media + RUN_MEDIA,
            **context,
        )


@admin.register(Approval)
class ApprovalAdmin(NotEdited, PagedAdmin):
    """One page: what waits for the reader. All approvals of a run are on its page."""

    pages = (WaitingPage,)
    has_django_pages = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.may_decide(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.may_decide(request.user)


def _posted(request: HttpRequest) -> tuple[Verdict, dict[int, str]]:
    """What the page sent: how, and the approvals as it showed them. Raises `Http404` for anything else."""
    try:
        seen = dict(map(read_mark, request.POST.getlist("approval")))
        verdict = Verdict(request.POST.get("verdict", ""))
    except ValueError as error:
        raise Http404 from error
    if len(seen) > MAX_AT_ONCE:
        raise Http404
    return verdict, seen


def _tell(request: HttpRequest, verdict: Verdict, results: list[Decided]) -> None:
    """One message for what was decided, and one for what was left, with the reasons."""
    if done := sum(not result.code for result in results):
        messages.success(request, _DONE_MANY[verdict] % done)
    reasons = Counter(result.message for result in results if result.code)
    for message, number in reasons.most_common(_QUOTED):
        messages.warning(request, _("%(number)d left as it is: %(why)s") % {"number": number, "why": message})
