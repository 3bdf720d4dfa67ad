from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody, exactly_one
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.shapes.runs import EventReference, WorkflowReference
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.replay import MAX_EVENTS
from stripeflow.workflows.operations.replay_outcomes import Judged, Outcome


class ChooseEvents(StrictBody):
    """Events by `events`, or those of the version's type that were created from `since` to before `until`."""

    rules = {**exactly_one("events", "since"), "dependentRequired": {"until": ["since"]}}

    workflow = serializers.PrimaryKeyRelatedField(queryset=Workflow.objects.select_related("active_version"))
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Its number; without, the active one.",
    )
    events = serializers.ListField(
        child=serializers.CharField(max_length=255),
        required=False,
        min_length=1,
        max_length=MAX_EVENTS,
        help_text="Stripe's ids (`evt_…`).",
    )
    since = TimeField(required=False)
    until = TimeField(required=False)
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_EVENTS, help_text="The oldest so many of the span."
    )
    again = serializers.BooleanField(
        required=False, help_text="Also those that the workflow has run for: every step acts once more."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("events" in attrs) is ("since" in attrs):
            raise serializers.ValidationError(_("Give either “events” or “since”."))
        if "until" in attrs and "since" not in attrs:
            raise serializers.ValidationError({"until": _("“until” needs “since” as well.")})
        return attrs


class StartReplay(ChooseEvents):
    seen_at = TimeField(
        required=False,
        help_text="With `again`: when you read the preview. What was started since is left alone, so that a "
        "request whose answer was lost can be repeated.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why. Kept with the runs."
    )


class JudgedEvent(serializers.Serializer):
    """What the replay makes of one event. `run` is the one that it has had, if any."""

    event = EventReference()
    created = TimeField(source="event.created")
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    message = serializers.SerializerMethodField(help_text="The outcome as a sentence.")
    explanation = serializers.SerializerMethodField(
        help_text="What the conditions saw. Null without the permission to see payloads."
    )
    run = serializers.UUIDField(source="run.pk", default=None, allow_null=True)

    def get_message(self, judged: Judged) -> str:
        return judged.reason if self.context["payloads"] or judged.refusal else judged.outcome.sentence

    @extend_schema_field({"type": ["object", "null"]})
    def get_explanation(self, judged: Judged) -> Any:
        seen = judged.evaluation if self.context["payloads"] else None
        return seen.to_json() if seen else None


class _OfChosen(serializers.Serializer):
    workflow = WorkflowReference(source="version.workflow")
    version = serializers.IntegerField(source="version.number")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of events that never arrived; reconcile first."
    )
    more = serializers.BooleanField(help_text="Whether the span has newer events beyond the limit.")


class ReplayPreview(_OfChosen):
    """What a replay would do, oldest event first. Nothing was started."""

    would_start = serializers.IntegerField(help_text="How many runs would start.")
    results = JudgedEvent(many=True)


class StartedRun(serializers.Serializer):
    event = EventReference()
    run = serializers.UUIDField(source="pk")
    status = serializers.CharField()


class ReplayDone(_OfChosen):
    """The runs that were started, and the events that were left alone."""

    started = StartedRun(many=True)
    left = JudgedEvent(many=True)
