"""The kinds of input that an action can declare."""

from actions.inputs.base import InputField
from actions.inputs.money import MoneyInput
from actions.inputs.people import TeamMembersInput
from actions.inputs.plain import BooleanInput, ChoiceInput, IntegerInput
from actions.inputs.rows import LabelledValuesInput, MetadataInput
from actions.inputs.text import IdInput, StringInput, TextInput

__all__ = [
    "BooleanInput",
    "ChoiceInput",
    "IdInput",
    "InputField",
    "IntegerInput",
    "LabelledValuesInput",
    "MetadataInput",
    "MoneyInput",
    "StringInput",
    "TeamMembersInput",
    "TextInput",
]
