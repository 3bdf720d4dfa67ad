"""“Why did it not run?”: for one event, what every workflow made of it."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from triggers.models import Event
from workflows import permissions, verdicts
from workflows.definition.typing import Known
from workflows.forms.choices import event_label
from workflows.history.explained import Explainer
from workflows.history.links import Dashboard
from workflows.models import Activation, Run, Workflow, WorkflowVersion
from workflows.why import REPLAYABLE, Verdict, explain

_RECENT = 20
# The verdicts that a person looks for come first.
_ORDER = (
    "not_met",
    "unknown",
    "own_call",
    "same_second",
    "not_matched_yet",
    "emptied",
    "before_activation",
    "not_active_then",
    "started",
)


class EventForm(forms.Form):
    event = forms.CharField(
        label=gettext_lazy("Event ID"),
        widget=forms.TextInput(attrs={"placeholder": "evt_…", "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_event(self) -> list[Event]:
        """The events of this ID, newest first: mostly one, but Stripe's test webhooks share theirs."""
        rows = Event.objects.defer("payload", "raw_body").called(self.cleaned_data["event"].strip())
        events = list(rows[:_RECENT])
        if not events:
            raise forms.ValidationError(
                _("No event with this ID has arrived. Look in Stripe whether it was sent to this endpoint.")
            )
        return events


class WhyViews:
    """The two pages of the question, for `RunAdmin`: choosing an event, and its verdicts."""

    def why_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for an event; for one workflow, its recent events without a run are offered."""
        self._check(request)
        form = EventForm(request.GET if "event" in request.GET else None)
        same = form.cleaned_data["event"] if form.is_bound and form.is_valid() else []
        if len(same) == 1:
            return HttpResponseRedirect(_address(same[0].pk))
        workflow = _workflow(request.GET.get("workflow", ""))
        context = {
            "title": _("Why did it not run?"),
            "form": form,
            "workflow": workflow,
            "same": [_offered(event, workflow) for event in same],
            "events": [_offered(event, workflow) for event in _recent(workflow)],
        }
        return self._page(request, "why_search", context)

    def why_event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """The verdicts on one event."""
        self._check(request)
        event = Event.objects.defer("raw_body").filter(pk=event_id).first()
        if event is None:
            raise Http404
        explainer = Explainer(Known(event.type), permissions.may_see_payloads(request.user))
        found = sorted(explain(event), key=lambda one: (_ORDER.index(one.reason), one.workflow.name))
        only = _workflow(request.GET.get("workflow", ""))
        shown = [one for one in found if only is None or one.workflow == only]
        numbers = _numbers(shown)
        context = {
            "title": _("Why did it not run?"),
            "event": event,
            "event_label": event_label(event.type),
            "dashboard_url": Dashboard(event.livemode, event.account).url(event.external_id),
            "object_url": Dashboard(event.livemode, event.account).url(event.object_id),
            "verdicts": [_shown(one, explainer, numbers) for one in shown],
            "only": only,
            "others": len(found) - len(shown),
            "may_view_workflow": permissions.may_view(request.user),
            # A version at least; the page itself says what a draft needs.
            "may_test": permissions.may_view(request.user) and event.pruned_at is None,
            "is_nav_sidebar_enabled": False,
            "replay_url": reverse("admin:stripeflow_workflows_run_replay"),
            "may_replay": permissions.may_replay(request.user),
            "payloads": explainer.payloads,
        }
        return self._page(request, "why", context)

    def _check(self, request: HttpRequest) -> None:
        if not permissions.may_ask_why(request.user):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        around = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}  # type: ignore[attr-defined]
        return TemplateResponse(request, f"stripeflow/workflows/runs/{name}.html", {**around, **context})


def _numbers(found: list[Verdict]) -> dict[int, int]:
    """The numbers of the versions that were active then, by primary key, in one query."""
    keys = [one.activation.version_id for one in found if one.activation]
    return dict(WorkflowVersion.objects.filter(pk__in=keys).values_list("pk", "number"))


def _shown(verdict: Verdict, explainer: Explainer, numbers: dict[int, int]) -> dict[str, Any]:
    evaluation = verdict.evaluation
    return {
        "workflow": verdict.workflow,
        "reason": verdict.reason,
        "sentence": verdicts.sentence(verdict),
        "mark": verdicts.mark(verdict),
        "number": numbers.get(verdict.activation.version_id) if verdict.activation else None,
        "run": verdict.run,
        "replayable": verdict.reason in REPLAYABLE and verdict.workflow.active_version_id is not None,
        "lines": explainer.lines(evaluation.to_json()) if evaluation else (),
    }


def _workflow(pk: str) -> Workflow | None:
    return Workflow.objects.filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None


def _recent(workflow: Workflow | None) -> list[Event]:
    """The newest events that the workflow listens to, and that started no run of it."""
    if workflow is None:
        return []
    types = Activation.objects.filter(workflow=workflow).order_by().values("event_type").distinct()
    ran = Run.objects.filter(workflow=workflow).values("event")
    events = Event.objects.defer("payload", "raw_body").filter(type__in=types).exclude(pk__in=ran)
    return list(events.order_by("-received_at")[:_RECENT])


def _offered(event: Event, workflow: Workflow | None) -> dict[str, Any]:
    return {"event": event, "label": event_label(event.type), "url": _address(event.pk, workflow)}


def _address(event_id: int, workflow: Workflow | None = None) -> str:
    address = reverse("admin:stripeflow_workflows_run_why_event", args=[event_id])
    return f"{address}?workflow={workflow.pk}" if workflow else address
