"""The kinds of input that an action can declare."""

from stripeflow.actions.inputs.addresses import AddressInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.dates import DateInput, MomentInput, SeveralInput, TimeZoneInput
from stripeflow.actions.inputs.lists import JsonInput, TextsInput
from stripeflow.actions.inputs.money import MoneyInput
from stripeflow.actions.inputs.people import GroupsInput, TeamMembersInput
from stripeflow.actions.inputs.plain import BooleanInput, ChoiceInput, IntegerInput, NumberInput
from stripeflow.actions.inputs.records import RecordsInput
from stripeflow.actions.inputs.rows import LabelledValuesInput, MetadataInput
from stripeflow.actions.inputs.text import IdInput, StringInput, TextInput
from stripeflow.actions.inputs.whole_lists import ListInput

__all__ = [
    "AddressInput",
    "BooleanInput",
    "ChoiceInput",
    "DateInput",
    "GroupsInput",
    "IdInput",
    "InputField",
    "IntegerInput",
    "JsonInput",
    "LabelledValuesInput",
    "ListInput",
    "MetadataInput",
    "MomentInput",
    "MoneyInput",
    "NumberInput",
    "RecordsInput",
    "SeveralInput",
    "StringInput",
    "TeamMembersInput",
    "TextInput",
    "TextsInput",
    "TimeZoneInput",
]
