from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.models import Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.operations.filling import MAX_TIMES, Period, State
from stripeflow.workflows.operations.replay_outcomes import Judged
from stripeflow.workflows.schedules.showing import starts_at


class ScheduleShape(serializers.Serializer):
    """Where the schedule of a workflow stands."""

    next_at = TimeField(allow_null=True, help_text="The next time; null if there is none.")
    starts_at = serializers.SerializerMethodField(
        help_text="When that time starts a run: later by its delay, where starts are spread."
    )
    last_at = TimeField(allow_null=True, help_text="The newest time that has started a run.")
    waits_since = TimeField(
        source="queued_for", allow_null=True, help_text="A time that waits for a run to end."
    )
    count = serializers.IntegerField(help_text="How many times have started a run, by these settings.")
    silent_from = TimeField(
        allow_null=True, help_text="If nothing starts until then, the schedule counts as silent."
    )

    @extend_schema_field(TimeField(allow_null=True))
    def get_starts_at(self, row: Schedule) -> Any:
        at = starts_at(row)
        return TimeField().to_representation(at) if at else None


class LeftOutShape(serializers.Serializer):
    """One or several times, one after the other, that started nothing for the same reason."""

    id = serializers.IntegerField()
    reason = serializers.ChoiceField(LeftOutReason.choices)
    message = serializers.CharField(source="get_reason_display", help_text="The reason as a sentence.")
    first_at = TimeField()
    last_at = TimeField()
    count = serializers.IntegerField()
    more = serializers.BooleanField(help_text="Whether there were more than were counted.")


class ChoosePeriod(StrictBody):
    since = TimeField(help_text="The first instant of the period.")
    until = TimeField(help_text="The period ends before this instant, and at the latest now.")


class PlannedTimeShape(serializers.Serializer):
    """One time of the schedule."""

    at = TimeField()
    state = serializers.ChoiceField([state.value for state in State])
    message = serializers.CharField(source="state.sentence", help_text="The state as a sentence.")
    run = serializers.UUIDField(source="run.pk", default=None, allow_null=True)


class PeriodShape(serializers.Serializer):
    """What the period holds, oldest first. Nothing was started."""

    version = serializers.IntegerField(source="version.number", help_text="The version that would run.")
    moves_money = serializers.BooleanField(help_text="`confirm` is needed then: the number of times.")
    new = serializers.SerializerMethodField(help_text="How many of them have had no run.")
    more = serializers.BooleanField(help_text="Whether the period has later times. Ask for those next.")
    times = PlannedTimeShape(many=True)

    def get_new(self, period: Period) -> int:
        return len(period.new)


class FillPeriod(StrictBody):
    rules: ClassVar = {"dependentRequired": {"again": ["seen_at"]}}

    version = serializers.IntegerField(
        min_value=1, help_text="As the preview gave it. If another one is active, nothing is started."
    )
    times = serializers.ListField(
        child=TimeField(),
        required=False,
        min_length=1,
        max_length=MAX_TIMES,
        help_text="Of the preview. One that has run is left alone.",
    )
    again = serializers.ListField(
        child=TimeField(),
        required=False,
        min_length=1,
        max_length=MAX_TIMES,
        help_text="Of the preview. One that has run does so once more: every step acts once more.",
    )
    seen_at = TimeField(
        required=False,
        help_text="Needed with `again`: when you read the preview. What was started since is left alone, so "
        "that a request whose answer was lost can be repeated.",
    )
    confirm = serializers.IntegerField(
        required=False, min_value=1, help_text="Where money moves: the number of times, as a confirmation."
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why. Kept with the runs."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "times" not in attrs and "again" not in attrs:
            raise serializers.ValidationError(_("Give “times”, “again”, or both."))
        if "again" in attrs and "seen_at" not in attrs:
            message = _("“again” needs “seen_at” as well: when you read the preview.")
            raise serializers.ValidationError({"seen_at": message})
        return attrs


class FilledRun(serializers.Serializer):
    at = TimeField(source="event.created")
    run = serializers.UUIDField(source="pk")
    status = serializers.CharField()


class LeftTime(serializers.Serializer):
    at = TimeField(source="event.created")
    outcome = serializers.CharField(help_text="As in the preview of a replay, such as `has_run`.")
    message = serializers.SerializerMethodField(help_text="The outcome as a sentence.")
    run = serializers.UUIDField(source="run.pk", default=None, allow_null=True)

    def get_message(self, judged: Judged) -> str:
        return judged.outcome.sentence


class FilledShape(serializers.Serializer):
    """The runs that were started, and the times that were left alone."""

    started = FilledRun(many=True)
    left = LeftTime(many=True)
