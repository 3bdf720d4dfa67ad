"""Fields that are the same in every host project, whatever its REST_FRAMEWORK settings say of formats.

And choices whose refusal names those that come close.
"""

from datetime import UTC, tzinfo
from typing import Any, NoReturn

from rest_framework import ISO_8601, serializers

from stripeflow.actions.naming import with_close
from stripeflow.workflows.models.loop import without_keys


class TimeField(serializers.DateTimeField):
    """A time in ISO 8601, always returned in UTC. A given time without a zone is in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format=ISO_8601, input_formats=[ISO_8601], **options)

    def default_timezone(self) -> tzinfo:
        return UTC


class PathField(serializers.CharField):
    """The path of a step. Keys of items are ids from payloads, and hidden as other values are."""

    def to_representation(self, value: str) -> str:
        return super().to_representation(value if self.context.get("payloads") else without_keys(value))


class IdField(serializers.CharField):
    """An id out of a payload, hidden from people who may not see payloads."""

    def to_representation(self, value: str) -> Any:
        return super().to_representation(value) if self.context.get("payloads") else None


class _NamesTheClose(serializers.Field):
    choices: Any
    error_messages: dict[str, Any]

    def fail(self, key: str, **values: Any) -> NoReturn:
        if key != "invalid_choice":
            super().fail(key, **values)
        message = str(self.error_messages[key]).format(**values)
        raise serializers.ValidationError(
            with_close(message, values["input"], map(str, self.choices)), code=key
        )


class OneOf(_NamesTheClose, serializers.ChoiceField):
    """One of some names, in what is asked."""


class SomeOf(_NamesTheClose, serializers.MultipleChoiceField):
    """Some of some names, in what is asked."""
