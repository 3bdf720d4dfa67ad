"""The buttons on a run's page: each does one thing to the run."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import RULES, Operation, permission_missing
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.reading import ReadOnly
from stripeflow.workflows.admin.runs.operating import NOTE_LENGTH, act_of, note_of, now_text
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.history.approvals import approvals_of
from stripeflow.workflows.history.undecided import undecided_of
from stripeflow.workflows.history.unknown import unknown_of
from stripeflow.workflows.models import Approval, Run
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.operations import deciding, on_runs, verbs
from stripeflow.workflows.operations.outputs import read_outputs
from stripeflow.workflows.operations.verbs import Outcome, Verb


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
    admin: ReadOnly

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
        # The typed text answers the question that was shown, and maybe not the one that the run asks now.
        context = self.admin.page_context(request, run) | {"resolve_form": form, "revision": revision}
        return self.admin.shown(request, self.admin.page_template, context)


class ChoosePage(RunButton):
    """The branch that the run takes, as the page offered it."""

    name = "choose"

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        revision, act = _revision(request), Act.of(request, note_of(request))
        verbs.choose(run, request.POST.get("branch", ""), act, revision=revision)
        return run, _("The branch is chosen, and the run goes on.")


class DecidePage(RunButton):
    """Approve or decline what the page has shown."""

    name = "decide"
    permission = permissions.may_decide

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        approval, verdict, seen = _decision(request, run)
        decided = deciding.decide(approval, verdict, Act.of(request, note_of(request)), seen=seen)
        return run, str(deciding.DECIDED[decided.state])


class VerbPage(RunButton):
    """One of the verbs."""

    verb: ClassVar[Verb]

    def act(self, request: HttpRequest, run: Run) -> tuple[Run, str]:
        return verbs.perform(run, self.verb, act_of(request)), str(verbs.DONE[self.verb])


def _resolve(request: HttpRequest, run: Run, revision: int, given: dict[str, Any]) -> tuple[Run, str]:
    outcome, act = Outcome(given["outcome"]), Act.of(request, given["note"])
    verbs.resolve(run, outcome, act, revision=revision, outputs=given["outputs"])
    return run, str(verbs.RESOLVED[outcome])


def _answer(request: HttpRequest, run: Run, act: Callable[[], tuple[Run, str]]) -> HttpResponse:
    """Do it, say so or why not, and show the run."""
    try:
        run, sentence = act()
    except (NotPossible, ProofNeeded, deciding.NotYours) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return HttpResponseRedirect(_page(run))


def _page_of(verb: Verb) -> type[VerbPage]:
    declared = {"name": verb.value, "verb": verb, "permission": RULES[Operation(verb.value)].question}
    return type(f"{verb.value.title()}Page", (VerbPage,), declared)


OPERATING_PAGES: tuple[type[RunButton], ...] = (ResolvePage, ChoosePage, DecidePage, *map(_page_of, Verb))


def operations_context(request: HttpRequest, run: Run, page: Any) -> dict[str, Any]:
    """The buttons of the page, and what the run asks: an unknown outcome, or a branch."""
    return {
        "offered": [(verb, _address(run, verb)) for verb in verbs.offered(run, request.user)],
        "starts_again": [verb for verb in verbs.offered(run, request.user) if verb in verbs.STARTS_AGAIN],
        "newest": run.workflow.active_version,
        "seen_at": now_text(),
        "revision": run.revision,
        "note_length": NOTE_LENGTH,
        "unknown": unknown_of(page),
        "undecided": undecided_of(page),
        "approvals": _approvals(request, run, page),
        "may_operate": permissions.may_operate_runs(request.user),
        "not_set_off": permission_missing(request.user, Operation.RELEASE, [run.version.document]),
    }


def _approvals(request: HttpRequest, run: Run, page: Any) -> tuple[Any, ...]:
    """What the run asks or has asked people, the newest first."""
    rows = run.approvals.prefetch_related("decisions").order_by("-pk")
    for row in rows:
        row.run = run
    return approvals_of(rows, request.user, payloads=page.payloads)


def _decision(request: HttpRequest, run: Run) -> tuple[Approval, Verdict, str]:
    """Which approval of the run, how, and the digest of what was shown. Raises `Http404`."""
    sent, verdict = request.POST.get("approval", ""), request.POST.get("verdict", "")
    if not (sent.isascii() and sent.isdigit()) or verdict not in Verdict.values:
        raise Http404
    approval = run.approvals.filter(pk=int(sent[:18])).first()
    if approval is None:
        raise Http404
    return deciding.get(approval.pk), Verdict(verdict), request.POST.get("seen", "")


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
