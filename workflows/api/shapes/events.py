"""Events in the API, and what each workflow made of one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from stripeflow.triggers.event_errors import error_without_values
from stripeflow.triggers.models import Event, FetchState, MirrorState, Source
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.shapes.runs import NEEDS, WORDS_NEED, WorkflowReference
from stripeflow.workflows.matching.reasons import Reason


class EventSummary(serializers.Serializer):
    """An accepted event without its payload."""

    id = serializers.IntegerField(help_text="Ours, in addresses.")
    event_id = serializers.CharField(source="external_id", help_text="Stripe's.")
    source = serializers.ChoiceField(Source.choices)
    type = serializers.CharField()
    created = TimeField(help_text="When it happened, as Stripe says.")
    received_at = TimeField()
    livemode = serializers.BooleanField()
    account = serializers.CharField(help_text="The connected account, if any.")
    api_version = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    fetch_state = serializers.ChoiceField(
        FetchState.choices, help_text="A thin event is fetched from Stripe before it is compared."
    )
    matched_at = TimeField(
        allow_null=True, help_text="When it was compared with the workflows; null: not yet."
    )
    pruned_at = TimeField(allow_null=True, help_text="When its payload was emptied because of its age.")


class EventDetail(EventSummary):
    """An accepted event with its payload, if it may be seen."""

    match_attempts = serializers.IntegerField(help_text="How often it was fetched or compared in vain.")
    match_error = serializers.SerializerMethodField(
        help_text=f"Why, the last time; empty if nothing is wrong. {WORDS_NEED}"
    )
    match_due_at = TimeField(help_text="When it is tried again, while it is not compared.")
    mirror_state = serializers.ChoiceField(
        MirrorState.choices, help_text="How far the copy in dj-stripe's tables has come."
    )
    mirror_error = serializers.SerializerMethodField(
        help_text=f"Why it is not there, or not yet. {WORDS_NEED}"
    )
    payload_hidden = serializers.SerializerMethodField()
    payload = serializers.SerializerMethodField(help_text=NEEDS)

    def get_match_error(self, event: Event) -> str:
        return self._readable(event.match_error)

    def get_mirror_error(self, event: Event) -> str:
        return self._readable(event.mirror_error)

    def _readable(self, error: str) -> str:
        return error if self.context["payloads"] else error_without_values(error)

    def get_payload_hidden(self, event: Event) -> bool:
        return not self.context["payloads"]

    @extend_schema_field({"type": ["object", "null"]})
    def get_payload(self, event: Event) -> Any:
        return event.payload if self.context["payloads"] else None


class Verdict(serializers.Serializer):
    """What one workflow made of an event."""

    workflow = WorkflowReference()
    reason = serializers.ChoiceField([reason.value for reason in Reason])
    message = serializers.CharField(help_text="The reason as a sentence.")
    run = serializers.UUIDField(allow_null=True)
    explanation = serializers.JSONField(allow_null=True, help_text=NEEDS)


Why = inline_serializer(
    "Why",
    {
        "event": EventSummary(),
        "payload_hidden": serializers.BooleanField(),
        "verdicts": Verdict(many=True),
        "ended": serializers.ListField(
            child=serializers.UUIDField(), help_text="The runs that the event ended (`cancel_when`)."
        ),
        "woken": serializers.ListField(
            child=serializers.UUIDField(),
            help_text="The runs that waited for the event and went on with it.",
        ),
    },
)
