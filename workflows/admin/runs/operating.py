"""What people do to runs in the admin: buttons on a run's page, and actions on many in the list."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import RULES, Operation, permission_missing
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.history.undecided import undecided_of
from stripeflow.workflows.history.unknown import unknown_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs, verbs
from stripeflow.workflows.operations.outputs import read_outputs
from stripeflow.workflows.operations.verbs import Outcome, Result, Verb

NOTE_LENGTH = 500
# One click does no more, so that its answer comes in seconds.
MOST_AT_ONCE = 1000
# Of what could not be done, so many are told in full.
_TOLD = 3

_DONE_MANY = {
    Verb.CANCEL: ngettext_lazy("%d run was canceled.", "%d runs were canceled."),
    Verb.RETRY: ngettext_lazy(
        "%d run is tried again from the step that failed.",
        "%d runs are tried again from the step that failed.",
    ),
    Verb.RELEASE: ngettext_lazy("%d run was released.", "%d runs were released."),
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
    """The moment at which a page is made, for its forms to carry."""
    return timezone.now().isoformat()


class SeenActionForm(ActionForm):
    """The list's box of actions: it carries when the reader saw the list."""

    seen_at = forms.CharField(required=False, label="", widget=forms.HiddenInput, initial=now_text)


class ResolveForm(forms.Form):
    """What a person says of an unknown outcome."""

    outcome = forms.ChoiceField(choices=Outcome.choices)
    outputs = forms.CharField(required=False, strip=False)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)

    def clean_outputs(self) -> dict[str, Any]:
        try:
            return read_outputs(self.cleaned_data["outputs"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class RunButton(AdminPage):
    """A button on a run's page: `act` does one thing to the run, and tells which run to go to, and what."""

    route = "<uuid:pk>/{name}/"
    permission = permissions.may_operate_runs

    def found(self, request: HttpRequest, *, pk: UUID) -> dict[str, Any]:
        try:
            return {"run": on_runs.get(pk)}
        except Run.DoesNotExist as error:
            raise Http404 from error

    def post(self, request: HttpRequest, run: Run) -> HttpResponse:
        return _answer(request, run, partial(self.act, request, run))

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        """For subclasses. Raises `NotPossible` and `ProofNeeded`."""
        raise NotImplementedError


class ResolvePage(RunButton):
    """What became of the unknown step; a text that is no JSON is shown again, with what is wrong."""

    name = "resolve"

    def post(self, request: HttpRequest, run: Run) -> HttpResponse:
        revision, form = _revision(request), ResolveForm(request.POST)
        if form.is_valid():
            return _answer(request, run, partial(_resolve, request, run, revision, form.cleaned_data))
        self.admin.check_view(request)
        # What was typed is about what was seen then, and not about what may be there by now.
        context = self.admin.page_context(request, run) | {"resolve_form": form, "revision": revision}
        return self.admin.shown(request, self.admin.page_template, context)


class ChoosePage(RunButton):
    """The branch that the run takes, as the page offered it."""

    name = "choose"

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        revision, act = _revision(request), Act.of(request, note_of(request))
        verbs.choose(run, request.POST.get("branch", ""), act, revision=revision)
        return run, _("The branch is chosen, and the run goes on.")


class VerbPage(RunButton):
    """One of the verbs."""

    verb: ClassVar[Verb]

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        return verbs.perform(run, self.verb, _act(request)), str(verbs.DONE[self.verb])


def _resolve(request: HttpRequest, run: Run, revision: int, given: dict[str, Any]) -> tuple[Run, str]:
    outcome, act = Outcome(given["outcome"]), Act.of(request, given["note"])
    verbs.resolve(run, outcome, act, revision=revision, outputs=given["outputs"])
    return run, str(verbs.RESOLVED[outcome])


def _answer(request: HttpRequest, run: Run, act: Callable[[], tuple[Run, str]]) -> HttpResponse:
    """Do it, say so or why not, and show the run."""
    try:
        run, told = act()
    except (NotPossible, ProofNeeded) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return HttpResponseRedirect(_page(run))


def _page_of(verb: Verb) -> type[VerbPage]:
    declared = {"name": verb.value, "verb": verb, "permission": RULES[Operation(verb.value)].question}
    return type(f"{verb.value.title()}Page", (VerbPage,), declared)


OPERATING_PAGES = (ResolvePage, ChoosePage, *map(_page_of, Verb))


def operations_context(request: HttpRequest, run: Run, page: Any) -> dict[str, Any]:
    """The buttons of the page, and what the run asks: an unknown outcome, or a branch."""
    return {
        "offered": [(verb, _address(run, verb)) for verb in verbs.offered(run, request.user)],
        "starts_anew": [verb for verb in verbs.offered(run, request.user) if verb in verbs.STARTS_ANEW],
        "newest": run.workflow.active_version,
        "seen_at": now_text(),
        "revision": run.revision,
        "note_length": NOTE_LENGTH,
        "unknown": unknown_of(page),
        "undecided": undecided_of(page),
        "may_operate": permissions.may_operate_runs(request.user),
        "not_set_off": permission_missing(request.user, Operation.RELEASE, [run.version.document]),
    }


def _bulk(verb: Verb) -> Callable[..., None]:
    def act_on_many(_admin: Any, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        results = list(verbs.perform_each(ids[:MOST_AT_ONCE], verb, _act(request)))
        tell(request, _DONE_MANY[verb], results)
        if len(ids) > MOST_AT_ONCE:
            message = _("These were the first %d. Choose the others, and do it again.") % MOST_AT_ONCE
            messages.info(request, message)

    return act_on_many


# The list's actions, as Django wants them: function, name and label.
BULK_ACTIONS = {verb.value: (_bulk(verb), verb.value, verb.label) for verb in Verb}


def tell(request: HttpRequest, done_many: Promise, results: list[Result]) -> None:
    """One message for what was done, and one for each kind of reason why the others were left."""
    if done := sum(not result.code for result in results):
        messages.success(request, done_many % done)
    for code, number in Counter(result.code for result in results if result.code).items():
        told = [result.message for result in results if result.code == code]
        words = [_LEFT[code] % number, *dict.fromkeys(told[:_TOLD])]
        if number > _TOLD:
            more = number - _TOLD
            words.append(ngettext("And %d more.", "And %d more.", more) % more)
        messages.warning(request, " ".join(words))


def note_of(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()[:NOTE_LENGTH]


def _act(request: HttpRequest) -> Act:
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


def _revision(request: HttpRequest) -> int:
    """What the page has shown of the run. Raises `Http404` for what no page of ours sends."""
    try:
        return int(request.POST.get("revision", ""))
    except ValueError as error:
        raise Http404 from error


def _page(run: Run) -> str:
    return reverse("admin:stripeflow_workflows_run_change", args=[run.pk])


def _address(run: Run, verb: Verb) -> str:
    return reverse(f"admin:stripeflow_workflows_run_{verb}", args=[run.pk])
