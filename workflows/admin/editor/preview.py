"""Previews a message from the unsaved form of a step, with sample data or those of a recent event."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from stripeflow.actions.base import ActionContext, Preview
from stripeflow.triggers.models import Event
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.editor.step_form import InputsForm
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.matching.candidates import of_types
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.references import Scope
from stripeflow.workflows.rehearsal.samples import sample_event, sample_outputs
from stripeflow.workflows.rehearsal.walking import Given

EVENT_FIELD = "preview_event"
_RECENT = 10


@dataclass(frozen=True)
class PreviewResult:
    """A preview, or the sentence that says why there is none."""

    preview: Preview | None = None
    error: str = ""


def recent_events(request: HttpRequest, trigger: TriggerPlan, workflow: Workflow) -> list[tuple[str, str]]:
    """Choices of recent events that may start it; none for people who may not see payloads."""
    if not permissions.may_see_payloads(request.user):
        return []
    events = of_types(trigger, workflow.pk).whole()
    rows = events.order_by("-received_at")[:_RECENT]
    return [
        (
            str(pk),
            f"{external_id} · {formats.date_format(timezone.localtime(created), 'SHORT_DATETIME_FORMAT')}",
        )
        for pk, external_id, created in rows.values_list("pk", "external_id", "created")
    ]


def preview(request: HttpRequest, form: InputsForm, known: Known, workflow: Workflow) -> PreviewResult:
    """The message that the form would send. Nothing is sent, and nothing is saved."""
    action, inputs = form.action, form.action_form
    if action is None or inputs is None or not inputs.is_valid():
        return PreviewResult(error=_("Some inputs cannot be read yet; see below."))
    given = action.without_secrets(inputs.cleaned_inputs())
    scope = sample_scope(known, event=_chosen_event(request, known.trigger, workflow))
    try:
        rendered = rendered_inputs(action, given, scope, name_of=known.named)
        return PreviewResult(action.preview(rendered, _context(form, workflow.name, given)))
    except InputsError as error:
        return PreviewResult(error=error.message)


def sample_scope(known: Known, *, event: Event | None = None) -> Scope:
    """What a run for `event` would know, with sample outputs; without an event, with a sample one."""
    steps = {
        **{step["key"]: _sample_outputs(step) for step in known.before},
        **{step["key"]: {"error": _sample_error()} for step in known.failed},
    }
    return Scope.of_event(event or Given(sample_event(known.trigger)), steps=steps)


def _sample_outputs(step: Json) -> Json:
    action = kinds.of(step).declared(step)
    return sample_outputs(action, {}) if action else {}


def _sample_error() -> Json:
    return {"code": "sample_code", "message": _("What went wrong.")}


def _chosen_event(request: HttpRequest, trigger: TriggerPlan, workflow: Workflow) -> Event | None:
    chosen = request.POST.get(EVENT_FIELD, "")
    if chosen not in dict(recent_events(request, trigger, workflow)):
        return None
    return Event.objects.filter(pk=chosen).first()


def _context(form: InputsForm, workflow_name: str, written: Json) -> ActionContext:
    return ActionContext(
        run_id="preview",
        workflow_name=workflow_name,
        step_key=form.instance.key or "preview",
        step_name=form.data.get("name", ""),
        idempotency_key="preview",
        written=written,
    )
