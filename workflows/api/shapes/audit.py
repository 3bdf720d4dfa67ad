from rest_framework import serializers

from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.audit.kinds import title_of
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.models.audit import Via


class AuditShape(serializers.Serializer):
    """One act: who, by what and from where, on what, before and after."""

    id = serializers.IntegerField()
    at = TimeField()
    kind = serializers.CharField(help_text="Such as `workflow.activated`.")
    title = serializers.SerializerMethodField(help_text="The kind in words.")
    user_id = serializers.CharField(help_text="Empty where nobody was logged in.")
    user_name = serializers.CharField(help_text="As the person was called then.")
    via = serializers.ChoiceField(Via.choices)
    token_id = serializers.IntegerField(allow_null=True)
    token = serializers.CharField(help_text="How the token starts.")
    session = serializers.CharField(help_text="Tells sessions apart.")
    command = serializers.CharField(help_text="Name of the management command.")
    address = serializers.CharField(help_text="Of a request; of a command, the account and the machine.")
    request_id = serializers.CharField(help_text="As in the answer's header X-Request-ID, and in log lines.")
    object_kind = serializers.CharField(help_text="Such as `workflow`, `run` or `user`.")
    object_id = serializers.CharField()
    object_title = serializers.CharField(help_text="As it was called then.")
    workflow_id = serializers.IntegerField(allow_null=True, help_text="The workflow that it concerns.")
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    note = serializers.CharField()

    def get_title(self, entry: AuditEntry) -> str:
        return title_of(entry.kind)
