from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from stripeflow.actions.base import Action, Repeat
from stripeflow.triggers import catalogue
from stripeflow.triggers.types.base import TriggerType
from stripeflow.workflows.conditions import READINGS, Operator
from stripeflow.workflows.references.filters import Filter, types_of, usage

_SCHEMA = {"type": "object"}


@extend_schema_serializer(component_name="Category")
class CategoryShape(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()


@extend_schema_serializer(component_name="EventType")
class EventTypeShape(serializers.Serializer):
    """A Stripe event that can start a workflow."""

    key = serializers.CharField()
    label = serializers.CharField()
    category = CategoryShape()
    object = serializers.CharField(allow_null=True, help_text="What `trigger` is: the object it carries.")
    suggested = serializers.BooleanField()
    listed = serializers.BooleanField(help_text="Whether Stripe's SDK lists it; others have come as well.")
    has_previous_attributes = serializers.BooleanField(
        help_text="Whether it always says what changed; others may."
    )


@extend_schema_serializer(component_name="Object")
class ObjectShape(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()


@extend_schema_serializer(component_name="Field")
class FieldShape(serializers.Serializer):
    """A field that conditions and references can name."""

    path = serializers.CharField(help_text="From the object's root; `*` stands for any index.")
    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.ChoiceField([str(kind) for kind in catalogue.FieldType])
    nullable = serializers.BooleanField()
    optional = serializers.BooleanField(help_text="Whether it may be missing.")
    help_text = serializers.CharField()
    enum = serializers.ListField(child=serializers.CharField(), help_text="Known values; there may be more.")
    id_of = serializers.ListField(child=serializers.CharField(), help_text="Objects that the id may name.")
    currency = serializers.CharField(allow_null=True, help_text="Of money: its key in a map by currency.")
    currency_path = serializers.CharField(allow_null=True, help_text="Of money: where its currency is.")
    has_children = serializers.BooleanField(help_text="Whether `path=` can go further.")
    until = serializers.CharField(help_text="The API version that took it away, empty if none has.")


@extend_schema_serializer(component_name="Output")
class OutputShape(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.CharField()


@extend_schema_serializer(component_name="Outputs")
class OutputsShape(serializers.Serializer):
    """What later steps can refer to: the fields of an object, or those that are listed."""

    object = serializers.CharField(allow_null=True)
    values = OutputShape(source="fields", many=True)


@extend_schema_serializer(component_name="TriggerType")
class TriggerTypeShape(serializers.Serializer):
    """Something that can start a workflow."""

    type = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    settings = serializers.SerializerMethodField(
        help_text="JSON schema of what a trigger of this type says beside `type`, by name."
    )

    @extend_schema_field(_SCHEMA)
    def get_settings(self, trigger_type: TriggerType) -> dict[str, Any]:
        return trigger_type.json_schema()


@extend_schema_serializer(component_name="Action")
class ActionShape(serializers.Serializer):
    """Something that a step can do."""

    key = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    moves_money = serializers.BooleanField()
    destructive = serializers.BooleanField(
        help_text="Whether it ends or deletes something that a person cannot bring back."
    )
    changes_customers = serializers.BooleanField(
        help_text="Whether it changes customers, or other data that people and other workflows act on."
    )
    writes_to_customers = serializers.BooleanField(
        help_text="Whether it sends something to customers. Publishing needs the same permission."
    )
    uses_account = serializers.BooleanField(
        help_text="Whether it calls Stripe, so that a step may choose to act as the platform (`acts_as`)."
    )
    repeat = serializers.ChoiceField(
        [str(repeat) for repeat in Repeat],
        help_text="Whether an attempt without a recorded outcome is made again by itself.",
    )
    required = serializers.SerializerMethodField(help_text="Inputs that activation asks for.")
    inputs = serializers.SerializerMethodField(help_text="JSON schema of a step's `inputs`.")
    outputs = OutputsShape()

    def get_required(self, action: Action) -> list[str]:
        return [field.name for field in action.inputs if field.required]

    @extend_schema_field(_SCHEMA)
    def get_inputs(self, action: Action) -> dict[str, Any]:
        return action.json_schema()


@extend_schema_serializer(component_name="ActionInShort")
class OfferShape(serializers.Serializer):
    """An action without its inputs."""

    key = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    moves_money = serializers.BooleanField()
    destructive = serializers.BooleanField()
    changes_customers = serializers.BooleanField()
    writes_to_customers = serializers.BooleanField()
    off = serializers.CharField(help_text="Why it cannot be used here; empty if it can.")


@extend_schema_serializer(component_name="Operator")
class OperatorShape(serializers.Serializer):
    """A way to compare a field."""

    key = serializers.CharField()
    label = serializers.CharField()
    help_text = serializers.CharField()
    types = serializers.SerializerMethodField(help_text="Types of fields that it fits.")
    readings = serializers.SerializerMethodField(
        help_text="What a text or a list may be read as (`as`), so that it fits too."
    )
    value_kind = serializers.SerializerMethodField(
        help_text="How many values it takes, and of what kind: `days` are also hours and minutes; `one` may "
        "be another field."
    )

    def get_readings(self, operator: Operator) -> list[str]:
        return [key for key, reading in READINGS.items() if operator.fits(reading.type)]

    def get_types(self, operator: Operator) -> list[str]:
        return sorted(operator.types)

    def get_value_kind(self, operator: Operator) -> str:
        return str(operator.value_kind.value)


@extend_schema_serializer(component_name="Argument")
class ArgumentShape(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    required = serializers.BooleanField()


@extend_schema_serializer(component_name="Filter")
class FilterShape(serializers.Serializer):
    """A filter of dynamic references."""

    key = serializers.CharField()
    label = serializers.CharField()
    help_text = serializers.CharField()
    usage = serializers.SerializerMethodField(help_text="How it is written, optional arguments in brackets.")
    arguments = ArgumentShape(many=True)
    types = serializers.SerializerMethodField(help_text="Types of fields that it fits.")

    def get_usage(self, entry: Filter) -> str:
        return usage(entry)

    def get_types(self, entry: Filter) -> list[str]:
        return sorted(types_of(entry))
