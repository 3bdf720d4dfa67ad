from typing import Any

from rest_framework import serializers

from stripeflow.actions.named_secrets import NAME_LENGTH, NAME_PATTERN
from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.credentials.secret_changes import MOST
from stripeflow.workflows.models import Secret
from stripeflow.workflows.models.secret import validate_name, validate_value


class SecretShape(serializers.Serializer):
    """A secret without its value, which nobody is given back."""

    name = serializers.CharField(help_text="How steps name it.")
    description = serializers.CharField()
    created_at = TimeField()
    created_by = serializers.SerializerMethodField()
    changed_at = TimeField(help_text="When its value was last replaced; null if never.", allow_null=True)
    changed_by = serializers.SerializerMethodField()
    last_used_at = TimeField(help_text="To about five minutes; null if never.", allow_null=True)

    def get_created_by(self, secret: Secret) -> str | None:
        return secret.created_by.get_username() if secret.created_by else None

    def get_changed_by(self, secret: Secret) -> str | None:
        return secret.changed_by.get_username() if secret.changed_by else None


def _value(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=MOST,
        trim_whitespace=False,
        write_only=True,
        validators=[validate_value],
        help_text="Never given back. Blanks and quotes around it do not count as characters.",
        **options,
    )


def _description() -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="What it is for."
    )


class NewSecret(StrictBody):
    name = serializers.RegexField(
        f"^{NAME_PATTERN}$",
        max_length=NAME_LENGTH,
        help_text="Lower-case letters, digits, hyphens and underscores.",
        error_messages={"invalid": validate_name.message},
    )
    value = _value()
    description = _description()


class SecretChange(StrictBody):
    value = _value(required=False)
    description = _description()
