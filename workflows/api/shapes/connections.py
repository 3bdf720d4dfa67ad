from typing import Any

from rest_framework import serializers

from stripeflow.actions.connections import auths, kinds
from stripeflow.actions.named_secrets import NAME_LENGTH, NAME_PATTERN
from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.models import Connection
from stripeflow.workflows.models.secret import validate_name

_SETTINGS = "The settings of this authentication, such as {“header”: “X-Api-Key”}."


class ConnectionShape(serializers.Serializer):
    """A connection. Its secret is a name; the value is given to nobody."""

    name = serializers.CharField(help_text="How steps name it.")
    title = serializers.CharField()
    kind = serializers.CharField(help_text="“http”, or another one that is installed.")
    address = serializers.CharField(help_text="Scheme and host; a step adds the path.")
    auth = serializers.CharField(help_text="Its authentication.")
    settings = serializers.DictField(child=serializers.CharField(), help_text=_SETTINGS)
    secret = serializers.CharField(help_text="The name of the secret; empty where it needs none.")
    created_at = TimeField()
    created_by = serializers.SerializerMethodField()
    changed_at = TimeField(allow_null=True)
    changed_by = serializers.SerializerMethodField()
    last_used_at = TimeField(help_text="To about five minutes; null if never.", allow_null=True)

    def get_created_by(self, connection: Connection) -> str | None:
        return connection.created_by.get_username() if connection.created_by else None

    def get_changed_by(self, connection: Connection) -> str | None:
        return connection.changed_by.get_username() if connection.changed_by else None


class ConnectionChange(StrictBody):
    """What a connection is to be, whole: what is left out is empty."""

    title = serializers.CharField(max_length=100)
    kind = serializers.CharField(
        max_length=40, default=kinds.HTTP, help_text="“http”, or another one that is installed."
    )
    address = serializers.CharField(
        max_length=255,
        default="",
        allow_blank=True,
        help_text="Scheme and host alone. Empty for a kind that has the same one for everybody.",
    )
    auth = serializers.CharField(
        max_length=40, default="none", help_text=f"One of: {', '.join(one.key for one in auths.all())}."
    )
    settings = serializers.DictField(
        child=serializers.CharField(max_length=200), default=dict, help_text=_SETTINGS
    )
    secret = serializers.CharField(
        max_length=NAME_LENGTH, default="", allow_blank=True, help_text="The name of a secret."
    )


class NewConnection(ConnectionChange):
    name = serializers.RegexField(
        f"^{NAME_PATTERN}$",
        max_length=NAME_LENGTH,
        help_text="Lower-case letters, digits, hyphens and underscores.",
        error_messages={"invalid": validate_name.message},
    )


def changed(body: dict[str, Any]) -> dict[str, Any]:
    """The body without the name, which the address has."""
    return {name: value for name, value in body.items() if name != "name"}
