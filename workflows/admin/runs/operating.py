"""What people do to runs in the admin: buttons on a run's page, and actions on many in the list."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import RULES, Operation, permission_missing
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


class OperateViews:
    """The addresses below a run's page that do something to it, and the list's actions. A mixin."""

    admin_site: Any
    behind: Callable[..., Any]
    action_form = SeenActionForm

    def get_urls(self) -> list[URLPattern]:
        views = {
            "resolve": self.resolve_view,
            "choose": self.choose_view,
            **{verb.value: self._view(verb) for verb in Verb},
        }
        asks = {verb.value: RULES[Operation(verb.value)].question for verb in Verb}
        may, run = permissions.may_operate_runs, "stripeflow_workflows_run"
        own = [
            path(f"<uuid:pk>/{name}/", self.behind(asks.get(name, may), view), name=f"{run}_{name}")
            for name, view in views.items()
        ]
        return own + super().get_urls()  # type: ignore[misc]

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., None], str, Any]]:
        if not permissions.may_operate_runs(request.user):
            return {}
        return {verb.value: (_bulk(verb), verb.value, verb.label) for verb in Verb}

    def operations_context(self, request: HttpRequest, run: Run, page: Any) -> dict[str, Any]:
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

    def resolve_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What became of the unknown step; a text that is no JSON is shown again, with what is wrong."""
        run, revision = _posted(request, pk), _revision(request)
        form = ResolveForm(request.POST)
        if not form.is_valid():
            self.check_view(request)  # type: ignore[attr-defined]
            context = {**self.admin_site.each_context(request), **self.page_context(request, run)}  # type: ignore[attr-defined]
            # What was typed is about what was seen then, and not about what may be there by now.
            context |= {"resolve_form": form, "revision": revision}
            return TemplateResponse(request, "stripeflow/workflows/runs/page.html", context)
        outcome = Outcome(form.cleaned_data["outcome"])
        act = Act.of(request, form.cleaned_data["note"])
        try:
            verbs.resolve(run, outcome, act, revision=revision, outputs=form.cleaned_data["outputs"])
        except (NotPossible, ProofNeeded) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(verbs.RESOLVED[outcome]))
        return HttpResponseRedirect(_page(run))

    def choose_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The branch that the run takes, as the page offered it."""
        run, revision = _posted(request, pk), _revision(request)
        act = Act.of(request, note_of(request))
        try:
            verbs.choose(run, request.POST.get("branch", ""), act, revision=revision)
        except (NotPossible, ProofNeeded) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The branch is chosen, and the run goes on."))
        return HttpResponseRedirect(_page(run))

    def _view(self, verb: Verb) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, pk: UUID) -> HttpResponse:
            run = _posted(request, pk)
            try:
                run = verbs.perform(run, verb, _act(request))
            except (NotPossible, ProofNeeded) as error:
                messages.error(request, str(error))
            else:
                messages.success(request, str(verbs.DONE[verb]))
            return HttpResponseRedirect(_page(run))

        return view


def _bulk(verb: Verb) -> Callable[..., None]:
    def act_on_many(_admin: Any, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        results = list(verbs.perform_each(ids[:MOST_AT_ONCE], verb, _act(request)))
        tell(request, _DONE_MANY[verb], results)
        if len(ids) > MOST_AT_ONCE:
            message = _("These were the first %d. Choose the others, and do it again.") % MOST_AT_ONCE
            messages.info(request, message)

    return act_on_many


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


def _posted(request: HttpRequest, pk: UUID) -> Run:
    if request.method != "POST":
        raise Http404
    try:
        return on_runs.get(pk)
    except Run.DoesNotExist as error:
        raise Http404 from error


def _page(run: Run) -> str:
    return reverse("admin:stripeflow_workflows_run_change", args=[run.pk])


def _address(run: Run, verb: Verb) -> str:
    return reverse(f"admin:stripeflow_workflows_run_{verb}", args=[run.pk])
