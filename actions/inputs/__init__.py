"""The kinds of input that an action can declare."""

from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.dates import DateInput, SeveralInput, TimeZoneInput
from stripeflow.actions.inputs.money import MoneyInput
from stripeflow.actions.inputs.people import TeamMembersInput
from stripeflow.actions.inputs.plain import BooleanInput, ChoiceInput, IntegerInput
from stripeflow.actions.inputs.rows import LabelledValuesInput, MetadataInput
from stripeflow.actions.inputs.text import IdInput, StringInput, TextInput

__all__ = [
    "BooleanInput",
    "ChoiceInput",
    "DateInput",
    "IdInput",
    "InputField",
    "IntegerInput",
    "LabelledValuesInput",
    "MetadataInput",
    "MoneyInput",
    "SeveralInput",
    "StringInput",
    "TeamMembersInput",
    "TextInput",
    "TimeZoneInput",
]
