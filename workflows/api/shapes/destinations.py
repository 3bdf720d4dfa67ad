from typing import Any

from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import OneOf, SomeOf, TimeField
from stripeflow.workflows.destinations.changes import PING, events_of
from stripeflow.workflows.models import EventDelivery, EventDestination
from stripeflow.workflows.models.destination import MAX_TITLE, MAX_URL, DisabledBecause
from stripeflow.workflows.run_events import types
from stripeflow.workflows.states import DeliveryStatus

LIVE, TEST, BOTH = "live", "test", "all"
MODES = {LIVE: True, TEST: False, BOTH: None}
_MODE_CHOICES = [(LIVE, "Live only"), (TEST, "Test only"), (BOTH, "Live and test")]


def event_types() -> list[str]:
    """What a destination can be sent."""
    return [event.type for event in types.known()]


class DestinationShape(serializers.Serializer):
    """Where events of runs are sent. Its secret is told once, when it is made."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    events = serializers.SerializerMethodField()
    mode = serializers.SerializerMethodField(help_text="`live`, `test`, or `all`.")
    all_workflows = serializers.BooleanField()
    workflows = serializers.SerializerMethodField(help_text="Ids; empty where all are chosen.")
    enabled = serializers.BooleanField(source="is_enabled")
    disabled_at = TimeField(allow_null=True)
    disabled_because = serializers.ChoiceField(DisabledBecause.choices, allow_blank=True)
    failing_since = TimeField(allow_null=True, help_text="Since when nothing was delivered; null if it was.")
    created_at = TimeField()
    created_by = serializers.CharField(source="author_name")

    def get_events(self, row: EventDestination) -> list[str]:
        return list(events_of(row))

    def get_mode(self, row: EventDestination) -> str:
        return next(name for name, livemode in MODES.items() if livemode is row.livemode)

    def get_workflows(self, row: EventDestination) -> list[int]:
        return sorted(one.pk for one in row.workflows.all())


class DestinationWithSecret(DestinationShape):
    secret = serializers.CharField(help_text="`whsec_…`: keep it now, it is never told again.")


class _Typed(StrictBody):
    """What may be said of a destination."""

    title = serializers.CharField(max_length=MAX_TITLE)
    url = serializers.CharField(max_length=MAX_URL, help_text="Begins with `https://`.")
    events = SomeOf(choices=[], allow_empty=False, help_text="Types of events.")
    mode = OneOf(choices=_MODE_CHOICES, required=False, help_text="`all` by default.")
    all_workflows = serializers.BooleanField(required=False, help_text="True by default.")
    workflows = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        required=False,
        max_length=1000,
        help_text="Ids of workflows, where `all_workflows` is false.",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["events"] = SomeOf(choices=event_types(), allow_empty=False, help_text="Types of events.")
        if self.is_partial:
            for field in fields.values():
                field.required = False
        return fields

    is_partial = False


class NewDestination(_Typed):
    """A new destination."""


class DestinationChange(_Typed):
    """What is left out stays as it is."""

    is_partial = True


class Rotate(StrictBody):
    at_once = serializers.BooleanField(
        required=False, help_text="End the former secrets now. Else they sign too for 24 hours."
    )


class AttemptShape(serializers.Serializer):
    started_at = TimeField()
    finished_at = TimeField(allow_null=True, help_text="Null while it is under way, or its process ended.")
    duration_ms = serializers.IntegerField(allow_null=True)
    status_code = serializers.IntegerField(allow_null=True, help_text="Of the answer; null without one.")
    error = serializers.CharField(help_text="Why there was no answer; empty if there was one.")


class DeliverySummary(serializers.Serializer):
    """One event for one destination."""

    id = serializers.IntegerField()
    message_id = serializers.CharField(source="event.message_id", help_text="The header `webhook-id`.")
    type = serializers.CharField(source="event.type", help_text=f"Of a test event, `{PING}`.")
    run = serializers.UUIDField(source="event.run_id", allow_null=True)
    destination = serializers.IntegerField(source="destination_id")
    status = serializers.ChoiceField(DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    occurred_at = TimeField(source="event.occurred_at")
    next_at = serializers.SerializerMethodField(help_text="When it is sent next; null if it is not.")
    finished_at = TimeField(allow_null=True)

    def get_next_at(self, row: EventDelivery) -> str | None:
        if row.next_at is None or row.state is not DeliveryStatus.PENDING:
            return None
        return TimeField().to_representation(row.next_at)


class DeliveryDetail(DeliverySummary):
    """With its attempts, the oldest first, and what is sent."""

    tries = AttemptShape(many=True)
    body = serializers.CharField(source="event.body")
