from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.definition.scope import is_account_id
from stripeflow.workflows.states import RunStatus


class Invoke(StrictBody):
    inputs = serializers.DictField(
        required=False,
        help_text="By name, as `GET` of this address describes them. One that is left out is empty.",
    )
    livemode = serializers.BooleanField(
        required=False, help_text="Only needed where the workflow runs in both modes."
    )
    account = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="A connected account, where the workflow runs for several; empty: our own.",
    )
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        help_text="Number of the version whose inputs you read. If another one is active, no run is started: "
        "409 with the code `other_version`.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why. Kept with the run."
    )

    def validate_account(self, value: str) -> str:
        if value and not is_account_id(value):
            message = _("“%s” is not the ID of an account. It begins with “acct_”.") % value
            raise serializers.ValidationError(message)
        return value


class InvokedRun(serializers.Serializer):
    """The run that was started, without values."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(RunStatus.choices)
    version = serializers.IntegerField(source="version.number")
    finished_at = TimeField(allow_null=True)


class InvokedShape(serializers.Serializer):
    """What was started."""

    event = serializers.CharField(source="accepted.event.reference", help_text="For `events/<event>/`.")
    key = serializers.CharField(help_text="The Idempotency-Key.")
    run = InvokedRun(allow_null=True, help_text="null: none was started.")
    code = serializers.CharField(help_text="Why no run was started, as in “why”; empty if one was.")
    message = serializers.CharField(source="reason", help_text="The same as a sentence.")


class InputsShape(serializers.Serializer):
    """What the active version asks for."""

    version = serializers.IntegerField(help_text="Number of the version that would run.")
    inputs = serializers.DictField(help_text="The JSON schema of `inputs`.")

    @staticmethod
    def of(version: Any, schema: dict[str, Any]) -> "InputsShape":
        return InputsShape({"version": version.number, "inputs": schema})
