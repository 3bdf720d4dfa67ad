from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody, exactly_one
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.secrets import masked_inputs
from stripeflow.workflows.api.shapes.runs import WorkflowReference
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.rehearsal.backtest import MAX_DAYS, MAX_EVENTS, BackTest
from stripeflow.workflows.rehearsal.results import End, LaneResult, StepResult

# How many matches an answer has if nobody asks for another number.
MATCHES = 100
_NEEDS = "Null without the permission to see payloads."
_VERSION = "Its number; without, the definition as it is now."
_OBJECT = {"type": ["object", "null"]}


class ChooseDefinition(StrictBody):
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=_VERSION)


@extend_schema_field(
    {
        "type": "object",
        "minProperties": 1,
        "description": "An event of the trigger's type, as Stripe would send it, or the bare object of one. "
        "What an event leaves out, such as its id and type, is made up.",
        "properties": {
            "object": {"type": "string", "description": "`event`, or the kind of a bare object."},
            "type": {"type": "string", "description": "On another type than the trigger's it never starts."},
            "data": {
                "type": "object",
                "properties": {
                    "object": {"type": "object", "additionalProperties": True},
                    "previous_attributes": {"type": "object", "additionalProperties": True},
                },
            },
        },
        "additionalProperties": True,
    }
)
class PayloadField(serializers.DictField):
    """An event, or its object."""


class TestWorkflow(ChooseDefinition):
    """Exactly one of `event`, `payload` and `sample`."""

    rules = exactly_one("event", "payload", "sample")

    event = serializers.CharField(required=False, max_length=255, help_text="Stripe's id (`evt_…`).")
    payload = PayloadField(required=False)
    sample = serializers.BooleanField(
        required=False, help_text="True: a made-up event of the trigger's type."
    )
    anyway = serializers.BooleanField(
        required=False, help_text="Walk the steps even if the trigger conditions are not met."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        chosen = attrs.keys() & {"event", "payload", "sample"}
        if len(chosen) != 1 or attrs.get("sample") is False:
            raise serializers.ValidationError(_("Give exactly one of “event”, “payload” and “sample”."))
        return attrs


class Tested(serializers.Serializer):
    """What a run would do. Nothing was sent, and nothing was saved."""

    workflow = WorkflowReference(source="script.workflow")
    version = serializers.IntegerField(
        source="script.version.number", default=None, allow_null=True, help_text="Null for the draft."
    )
    event_id = serializers.CharField(source="event.external_id", default=None, allow_null=True)
    sample = serializers.BooleanField(source="given.is_sample", help_text="Whether the event was made up.")
    starts = serializers.BooleanField(source="found.starts")
    trigger = serializers.ChoiceField(
        [truth.value for truth in Truth], source="found.truth.value", help_text="The trigger conditions."
    )
    out_of_scope = serializers.ChoiceField(
        [refusal.value for refusal in Refusal],
        source="found.refusal",
        allow_null=True,
        help_text="Why the trigger's mode and accounts do not have the event; null if they do.",
    )
    other_event = serializers.CharField(
        help_text="Why it never starts on such an event: another type or kind of object; empty if it may."
    )
    end = serializers.ChoiceField(
        [end.value for end in End],
        source="found.end.value",
        help_text="`undecided`: it would be held, and a person chooses. `open`: it depends on what "
        "a step gives.",
    )
    payload_hidden = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField(help_text=_NEEDS)
    steps = serializers.SerializerMethodField(
        help_text="Each with `key`, `type`, `state`; an action with `inputs`, `unknown_inputs` (inputs whose "
        "value is not known), `faults`, "
        "`outputs` (`value`, `origin`: sample, event or stored), `depends_on` (steps with "
        "made-up outputs) and `error_steps`; a branch step with `branches`; one that waits with `goes_on_at` "
        "or `waits_for`, events that are not evaluated."
    )

    def get_payload_hidden(self, _trial: Any) -> bool:
        return not self.context["payloads"]

    @extend_schema_field(_OBJECT)
    def get_explanation(self, trial: Any) -> Any:
        evaluation = trial.found.trigger
        return evaluation.to_json() if evaluation and self.context["payloads"] else None

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_steps(self, trial: Any) -> list[Json]:
        return [step_json(step, payloads=self.context["payloads"]) for step in trial.found.steps]


def step_json(step: StepResult, *, payloads: bool) -> Json:
    """One step of a rehearsal, with those inside it. Secret inputs are hidden from everybody."""
    head = {"key": step.key, "type": step.kind, "state": step.state.value}
    if step.action is None:
        ways = [_way_json(way, payloads=payloads) for way in step.ways]
        return {**head, **_settings_json(step, payloads=payloads), "branches": ways}
    return {
        **head,
        "action": step.action,
        "inputs": masked_inputs(step.head, step.inputs) if payloads else None,
        "unknown_inputs": list(step.unknown_inputs),
        "faults": _faults_json(step, payloads=payloads),
        "outputs": _outputs_json(step) if payloads else None,
        "depends_on": list(step.depends_on),
        "error_steps": [step_json(inner, payloads=payloads) for inner in step.error_steps],
    }


def _settings_json(step: StepResult, *, payloads: bool) -> Json:
    """What a step that is no action makes of its settings, if it has any."""
    if kinds.of(step.head).declared(step.head) is None:
        return {}
    return {
        "inputs": masked_inputs(step.head, step.inputs) if payloads else None,
        "faults": _faults_json(step, payloads=payloads),
        "outputs": _outputs_json(step) if payloads else None,
        "goes_on_at": step.goes_on_at.isoformat() if step.goes_on_at else None,
        "waits_for": list(step.waits_for),
    }


def _way_json(way: LaneResult, *, payloads: bool) -> Json:
    return {
        "key": way.key,
        "state": way.state.value,
        "explanation": way.evaluation.to_json() if way.evaluation and payloads else None,
        "depends_on": list(way.depends_on),
        "steps": [step_json(step, payloads=payloads) for step in way.steps],
    }


def _faults_json(step: StepResult, *, payloads: bool) -> list[Json]:
    # A message may hold the value that it is about.
    return [
        {"code": fault.code, "input": fault.input, "message": fault.message if payloads else None}
        for fault in step.faults
    ]


def _outputs_json(step: StepResult) -> Json | None:
    given = step.outputs
    if given is None:
        return None
    return {"value": given.value, "origin": given.origin.value, "event_id": given.event or None}


def _days() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MAX_DAYS)


def _limit() -> serializers.IntegerField:
    sentence = f"Of the matches, the newest so many ({MATCHES})."
    return serializers.IntegerField(required=False, min_value=0, max_value=MAX_EVENTS, help_text=sentence)


class ChooseDays(ChooseDefinition):
    days = _days()
    limit = _limit()


class TryTemplate(StrictBody):
    days = _days()
    limit = _limit()
    parameters = serializers.DictField(
        required=False, help_text="Values by the parameters' names; the others keep their defaults."
    )


class _Amount(serializers.Serializer):
    amount = serializers.IntegerField(help_text="In minor units.")
    currency = serializers.CharField()


class Matched(serializers.Serializer):
    """An event that would have started the workflow."""

    id = serializers.IntegerField(source="pk", help_text="Ours, in addresses.")
    event_id = serializers.CharField()
    object_id = serializers.CharField()
    created = TimeField()
    end = serializers.ChoiceField([end.value for end in End], source="end.value")
    moved = _Amount(many=True)
    unknown_amounts = serializers.IntegerField(
        help_text="How many steps move an amount of money that is not known."
    )


class Figures(serializers.Serializer):
    """What a definition would have made of the newest events of these days. Nothing was started."""

    since = TimeField(source="span.since")
    until = TimeField(source="span.until")
    total = serializers.IntegerField(help_text="Events in the span that have their payload.")
    looked_at = serializers.IntegerField(
        help_text=f"Of these, the newest: at most {MAX_EVENTS:,}, or 10 seconds."
    )
    ran_out_of_time = serializers.BooleanField()
    emptied = serializers.IntegerField(help_text="Events whose payload is gone.")
    out_of_scope = serializers.IntegerField(
        help_text="Further events of the types, of another mode or account than the trigger takes."
    )
    matched = serializers.IntegerField()
    not_met = serializers.IntegerField()
    unknown = serializers.IntegerField()
    own_calls = serializers.IntegerField(help_text="Caused by a workflow's own call.")
    broke = serializers.IntegerField(help_text="Could not be evaluated.")
    moved = _Amount(many=True, help_text="What the refunds would have moved, in each currency.")
    unknown_amounts = serializers.IntegerField(
        help_text="How many steps move an amount of money that is not known."
    )
    undecided = serializers.IntegerField(
        help_text="Of the matches: a condition would be unknown, and a person would choose the branch."
    )
    matches = Matched(many=True)


class BackTested(Figures):
    """What the definition would have made of the newest events of these days. Nothing was started."""

    workflow = WorkflowReference()
    version = serializers.IntegerField(allow_null=True, help_text="Null for the draft.")


class TemplateBackTested(Figures):
    """What a workflow of this template would have made of them. No workflow was made."""

    template = serializers.CharField()


def figures_of(found: BackTest, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What `Figures` shows of a back-test, with as many matches as were asked for."""
    moved = [{"amount": amount, "currency": currency} for currency, amount in sorted(found.moved.items())]
    matches = found.matches[: asked.get("limit", MATCHES)]
    return {**vars(found), "matched": len(found.matches), "moved": moved, "matches": matches}
