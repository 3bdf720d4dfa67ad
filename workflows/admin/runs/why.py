"""“Why did it not run?”: for one event, what every workflow made of it."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.dashboard import Dashboard
from stripeflow.triggers import event_search
from stripeflow.triggers.costly import answers_busy, turn
from stripeflow.triggers.models import Event
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.matching.reasons import Reason
from stripeflow.workflows.matching.why import Verdict, ended_by, explain, woken_by
from stripeflow.workflows.models import Activation, Run, Workflow, WorkflowVersion

_RECENT = 20
_ORDER = tuple(Reason)


class EventForm(forms.Form):
    """Asks for any ID. `bodies`: whether it may be looked for inside the events."""

    event = forms.CharField(
        label=gettext_lazy("Any ID"),
        widget=forms.TextInput(
            attrs={"placeholder": "evt_…, pi_…, cus_…", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("Of an event, a run, or an object that an event is about or names."),
    )

    def __init__(self, *args: Any, bodies: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = bodies

    def clean_event(self) -> list[Event]:
        """The events that have to do with the ID, newest first."""
        events = list(_found(self.cleaned_data["event"].strip(), bodies=self.bodies))
        if not events:
            raise forms.ValidationError(
                _(
                    "No recent event has to do with this ID. Check in Stripe whether one was sent to this "
                    "endpoint. Only the newest 50,000 events are searched inside."
                )
            )
        return events


class WhyPage(AdminPage):
    """Asks for an ID. The newest events are offered; for one workflow, those that did not start it."""

    name = "why"
    permission = permissions.may_ask_why
    template = "stripeflow/workflows/runs/why_search.html"

    @answers_busy
    def get(self, request: HttpRequest) -> HttpResponse:
        workflow = _workflow(request.GET.get("workflow", ""))
        bodies = permissions.may_see_payloads(request.user)
        form = EventForm(request.GET if "event" in request.GET else None, bodies=bodies)
        with turn(request.user) if bodies and form.is_bound else nullcontext():
            same = form.cleaned_data["event"] if form.is_bound and form.is_valid() else []
        if len(same) == 1:
            return HttpResponseRedirect(_address(same[0].pk, workflow))
        context = {
            "title": _("Why did it not run?"),
            "form": form,
            "workflow": workflow,
            "same": [_offered(event, workflow) for event in same],
            "events": [_offered(event, workflow) for event in _recent(workflow)],
        }
        return self.shown(request, **context)


class WhyEventPage(AdminPage):
    """The verdicts on one event."""

    name = "why_event"
    route = "why/<int:event_id>/"
    permission = permissions.may_ask_why
    template = "stripeflow/workflows/runs/why.html"

    def get(self, request: HttpRequest, event_id: int) -> HttpResponse:
        event = Event.objects.filter(pk=event_id).first()
        if event is None:
            raise Http404
        payloads = permissions.may_see_payloads(request.user)
        found = sorted(explain(event), key=lambda one: (_ORDER.index(one.reason), one.workflow.name))
        only = _workflow(request.GET.get("workflow", ""))
        shown = [one for one in found if only is None or one.workflow == only]
        numbers = _numbers(shown)
        context = {
            "title": _("Why did it not run?"),
            "event": event,
            "event_label": event_label(event),
            "dashboard_url": Dashboard(event.livemode, event.account).url(event.external_id),
            "object_url": Dashboard(event.livemode, event.account).url(event.object_id),
            "verdicts": [_shown(one, numbers, payloads=payloads) for one in shown],
            "woken": [one for one in woken_by(event) if only is None or one.run.workflow == only],
            "ended": [one for one in ended_by(event) if only is None or one.workflow == only],
            "only": only,
            "others": len(found) - len(shown),
            "may_view_workflow": permissions.may_view(request.user),
            # Workflows with a version; the page itself says what a draft needs.
            "may_test": permissions.may_view(request.user) and event.pruned_at is None and event.is_whole,
            "is_nav_sidebar_enabled": False,
            "replay_url": reverse("admin:stripeflow_workflows_run_replay"),
            "may_replay": permissions.may_replay(request.user),
            "payloads": payloads,
        }
        return self.shown(request, **context)


def _numbers(found: list[Verdict]) -> dict[int, int]:
    """The numbers of the versions that were active then, by primary key, in one query."""
    keys = [one.activation.version_id for one in found if one.activation]
    return dict(WorkflowVersion.objects.filter(pk__in=keys).values_list("pk", "number"))


def _shown(verdict: Verdict, numbers: dict[int, int], *, payloads: bool) -> dict[str, Any]:
    return {
        "workflow": verdict.workflow,
        "reason": verdict.reason.value,
        "sentence": verdict.sentence,
        "mark": verdict.mark,
        "number": numbers.get(verdict.activation.version_id) if verdict.activation else None,
        "run": verdict.run,
        "replayable": verdict.reason.is_replayable and verdict.workflow.active_version_id is not None,
        "lines": _lines(verdict, payloads=payloads),
    }


def _lines(verdict: Verdict, *, payloads: bool) -> tuple[Explained, ...]:
    if verdict.trigger is None:
        return ()
    return Explainer(Known(verdict.trigger), payloads).lines_of(verdict.evaluation)


def _workflow(pk: str) -> Workflow | None:
    return Workflow.objects.filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None


def _found(term: str, *, bodies: bool) -> QuerySet[Event]:
    """The events of an ID: a run's one, those of that very ID, or else those that name it."""
    ids = _of_run(term) or event_search.called(term) or event_search.naming(term, bodies=bodies)
    return Event.objects.without_body().filter(pk__in=ids).order_by("-received_at")[:_RECENT]


def _of_run(term: str) -> list[int]:
    try:
        return list(Run.objects.filter(pk=UUID(term)).values_list("event", flat=True))
    except ValueError:
        return []


def _recent(workflow: Workflow | None) -> list[Event]:
    """The newest events; of a workflow, those that it listens to, and that started no run of it."""
    events = Event.objects.without_body().order_by("-received_at")
    if workflow is None:
        return list(events[:_RECENT])
    heard = Activation.objects.filter(workflow=workflow).order_by()
    events = events.filter(source__in=heard.values("source"), type__in=heard.values("topic"))
    ran = Run.objects.filter(workflow=workflow).values("event")
    return list(events.exclude(pk__in=ran)[:_RECENT])


def _offered(event: Event, workflow: Workflow | None) -> dict[str, Any]:
    return {"event": event, "label": event_label(event), "url": _address(event.pk, workflow)}


def _address(event_id: int, workflow: Workflow | None = None) -> str:
    address = reverse("admin:stripeflow_workflows_run_why_event", args=[event_id])
    return f"{address}?workflow={workflow.pk}" if workflow else address
