"""What people do to runs in the admin: what all their forms send, and the actions on many in the list."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import verbs
from stripeflow.workflows.operations.verbs import Result, Verb

NOTE_LENGTH = 500
# At most this many with one click, so that the answer comes in seconds.
MOST_AT_ONCE = 1000
# At most this many failures are quoted in full.
_QUOTED = 3

_DONE_MANY = {
    Verb.CANCEL: ngettext_lazy("%d run was canceled.", "%d runs were canceled."),
    Verb.RETRY: ngettext_lazy(
        "%d run is tried again from the step that failed.",
        "%d runs are tried again from the step that failed.",
    ),
    Verb.RELEASE: ngettext_lazy("%d run was released.", "%d runs were released."),
    Verb.WAKE: ngettext_lazy("The wait of %d run is over.", "The waits of %d runs are over."),
    Verb.RESTART: ngettext_lazy("%d run was started again.", "%d runs were started again."),
    Verb.RERUN: ngettext_lazy(
        "%d run was started again on the newest version.", "%d runs were started again on the newest version."
    ),
}
_LEFT = {
    "not_allowed": ngettext_lazy(
        "%d run was left as it is, since its state does not allow it:",
        "%d runs were left as they are, since their state does not allow it:",
    ),
    "permission_denied": ngettext_lazy(
        "%d run was left as it is, since you lack a permission:",
        "%d runs were left as they are, since you lack a permission:",
    ),
    "proof_needed": ngettext_lazy(
        "%d run was left as it is, since you have to prove first who you are:",
        "%d runs were left as they are, since you have to prove first who you are:",
    ),
    "revision_conflict": ngettext_lazy(
        "%d run was left as it is, since it is not as you saw it any more:",
        "%d runs were left as they are, since they are not as you saw them any more:",
    ),
    "needs_outputs": ngettext_lazy(
        "%d run was left as it is, since later steps need what the unknown one gave:",
        "%d runs were left as they are, since later steps need what the unknown one gave:",
    ),
    "not_found": ngettext_lazy("%d run does not exist any more:", "%d runs do not exist any more:"),
}


def now_text() -> str:
    """The time at which a page is rendered, for its forms to send back."""
    return timezone.now().isoformat()


class SeenActionForm(ActionForm):
    """The list's box of actions: it carries when the reader saw the list."""

    seen_at = forms.CharField(required=False, label="", widget=forms.HiddenInput, initial=now_text)


def _bulk(verb: Verb) -> Callable[..., None]:
    def act_on_many(_admin: Any, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        results = list(verbs.perform_each(ids[:MOST_AT_ONCE], verb, act_of(request)))
        tell(request, _DONE_MANY[verb], results)
        if len(ids) > MOST_AT_ONCE:
            message = _("These were the first %d. Choose the others, and do it again.") % MOST_AT_ONCE
            messages.info(request, message)

    return act_on_many


# The list's actions, as Django wants them: function, name and label.
BULK_ACTIONS = {verb.value: (_bulk(verb), verb.value, verb.label) for verb in Verb}


def tell(request: HttpRequest, done_many: Promise, results: list[Result]) -> None:
    """One message for the runs that were changed, and one for each kind of reason why others were not."""
    if done := sum(not result.code for result in results):
        messages.success(request, done_many % done)
    for code, number in Counter(result.code for result in results if result.code).items():
        reasons = [result.message for result in results if result.code == code]
        words = [_LEFT[code] % number, *dict.fromkeys(reasons[:_QUOTED])]
        if number > _QUOTED:
            more = number - _QUOTED
            words.append(ngettext("And %d more.", "And %d more.", more) % more)
        messages.warning(request, " ".join(words))


def note_of(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()[:NOTE_LENGTH]


def act_of(request: HttpRequest) -> Act:
    return Act.of(request, note_of(request), seen_at=seen_at(request))


def seen_at(request: HttpRequest) -> datetime:
    """When the reader saw the page. Raises `Http404` for what no page of ours sends."""
    try:
        seen = parse_datetime(request.POST.get("seen_at", ""))
    except ValueError as error:
        raise Http404 from error
    if seen is None or timezone.is_naive(seen):
        raise Http404
    return seen
