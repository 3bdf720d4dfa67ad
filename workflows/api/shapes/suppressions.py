from rest_framework import serializers

from stripeflow.actions.models import Reason
from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import OneOf, TimeField
from stripeflow.workflows.suppressions.changes import LONGEST_NOTE

_REASONS = "`unsubscribe` stops reminders and marketing alone; each other reason stops all e-mail."


class SuppressionShape(serializers.Serializer):
    """An address that gets no e-mail, for one reason."""

    id = serializers.IntegerField()
    address = serializers.CharField(help_text="In lower case.")
    reason = serializers.ChoiceField(choices=Reason.choices, help_text=_REASONS)
    created_at = TimeField(help_text="Since when.")
    note = serializers.CharField()


class NewSuppression(StrictBody):
    address = serializers.CharField(max_length=254, help_text="One e-mail address, without a name.")
    reason = OneOf(choices=Reason.choices, required=False, default=Reason.MANUAL.value, help_text=_REASONS)
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_NOTE, help_text="Where it comes from."
    )
