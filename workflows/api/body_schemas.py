"""What the schema says of bodies: no unknown names, how many items, and which names exclude each other."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody


class BodySchema(OpenApiSerializerExtension):
    """Says of every `StrictBody` what it checks, and what drf-spectacular cannot see."""

    target_class = StrictBody
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if "__doc__" not in vars(type(self.target)) or not type(self.target).__doc__:
            # The docstring of a base class is for readers of the code.
            schema.pop("description", None)
        for name, field in self.target.fields.items():
            if isinstance(field, serializers.ListSerializer):
                schema["properties"][name] |= _bounds(field)
        return {**schema, "additionalProperties": False, **self.target.rules}


def _bounds(field: Any) -> dict[str, int]:
    lowest = field.min_length or (0 if field.allow_empty else 1)
    found = {"minItems": lowest, "maxItems": field.max_length}
    return {name: value for name, value in found.items() if value}
