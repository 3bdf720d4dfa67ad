"""The kinds of inputs that a trigger on demand may ask for: one class and one entry each."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import money
from stripeflow.actions.inputs import (
    BooleanInput,
    ChoiceInput,
    InputField,
    IntegerInput,
    MoneyInput,
    StringInput,
    TextInput,
)
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.wording import Text
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.fields import DateInput, NumberInput, ObjectIdInput

_WHOLE = re.compile(r"-?[0-9]{1,16}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Declared:
    """One input, as the trigger's settings declare it. `of` is an object of the catalogue."""

    name: str
    kind: str
    label: str
    help_text: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    of: str = ""

    @property
    def common(self) -> dict[str, Any]:
        """What every input field is made of."""
        return {
            "name": self.name,
            "label": self.label,
            "help_text": self.help_text,
            "required": self.required,
            "references": False,
        }


class InputKind(ABC):
    """What people give, how it is checked, and what references and conditions find of it."""

    key: ClassVar[str]
    label: ClassVar[Text]
    type: ClassVar[FieldType] = FieldType.STRING
    # Which further settings it needs.
    needs: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def field(self, declared: Declared) -> InputField:
        """The field that people fill in; it checks what the API is given as well."""

    def json_schema(self, declared: Declared) -> Json:
        """The JSON schema of what people give. Unlike the inputs of a step it takes no reference."""
        schema = self.field(declared).json_schema()
        if "anyOf" in schema:
            given = schema["anyOf"][:1] if declared.required else [schema["anyOf"][0], {"type": "null"}]
            schema["anyOf"] = given
        return schema

    @abstractmethod
    def sample(self, declared: Declared) -> Any:
        """A made-up value, as somebody would give it."""

    def mapped(self, declared: Declared, values: Json) -> Any:
        """What a step gives that starts the workflow, out of its values by name; None if it gives nothing.

        What cannot be read stays as it is, so that `field` refuses it.
        """
        return _or_as_it_is(self.read, values.get(declared.name))

    def read(self, value: Any) -> Any:
        """A value of a reference, or a text, as somebody would give it. Raises ValueError or TypeError."""
        text = scalar_text(value)
        return value if text is None else text

    def columns(self, declared: Declared) -> tuple[str, ...]:
        """Which columns of a table hold it."""
        return (declared.name,)

    def from_cells(self, declared: Declared, cells: Mapping[str, str]) -> Any:
        """What the API would be given for these cells of a table, by column; None for empty ones.

        A cell that cannot be read is given as it is, for the field to refuse. Raises ValueError with a
        sentence.
        """
        return cells.get(declared.name) or None

    def held(self, declared: Declared, value: Any) -> Json:
        """What the event holds of a clean value; null of one that was left out."""
        return {declared.name: value}

    def carried(self, declared: Declared) -> tuple[Field, ...]:
        """The typed fields under which a run finds it."""
        return (_carried(declared, self.type),)


class TextKind(InputKind):
    key, label = "text", gettext_lazy("Text")

    def field(self, declared: Declared) -> InputField:
        return StringInput(**declared.common)

    def sample(self, declared: Declared) -> str:
        return _("Sample text")


class LongTextKind(TextKind):
    key, label = "long_text", gettext_lazy("Text of several lines")

    def field(self, declared: Declared) -> InputField:
        return TextInput(**declared.common)


class WholeNumberKind(InputKind):
    key, label = "whole_number", gettext_lazy("Whole number")
    type = FieldType.INTEGER

    def read(self, value: Any) -> Any:
        return int(value) if isinstance(value, str) else value

    def field(self, declared: Declared) -> InputField:
        # JSON's readers agree on whole numbers up to here.
        return IntegerInput(**declared.common, minimum=-(2**53), maximum=2**53)

    def sample(self, declared: Declared) -> int:
        return 1

    def from_cells(self, declared: Declared, cells: Mapping[str, str]) -> Any:
        text = cells.get(declared.name) or None
        return int(text) if text and _WHOLE.fullmatch(text) else text


class NumberKind(InputKind):
    key, label = "number", gettext_lazy("Number")
    type = FieldType.DECIMAL

    def read(self, value: Any) -> Any:
        return float(value) if isinstance(value, str) else value

    def field(self, declared: Declared) -> InputField:
        return NumberInput(**declared.common)

    def sample(self, declared: Declared) -> float:
        return 1.5

    def from_cells(self, declared: Declared, cells: Mapping[str, str]) -> Any:
        text = cells.get(declared.name) or None
        if not text or not _DECIMAL.fullmatch(text):
            return text
        return float(text) if "." in text else int(text)


class AmountKind(InputKind):
    """Held as Stripe does: minor units, and the currency in a field beside them."""

    key, label = "amount", gettext_lazy("Amount of money")
    type = FieldType.MONEY

    def mapped(self, declared: Declared, values: Json) -> Any:
        amount = values.get(declared.name)
        if amount is None or isinstance(amount, dict):
            return amount
        whole = _or_as_it_is(lambda value: int(value) if isinstance(value, str) else value, amount)
        return {"amount": whole, "currency": values.get(currency_name(declared.name))}

    def field(self, declared: Declared) -> InputField:
        return MoneyInput(**declared.common)

    def sample(self, declared: Declared) -> Json:
        return {"amount": 200_000, "currency": "usd"}

    def columns(self, declared: Declared) -> tuple[str, ...]:
        return (declared.name, currency_name(declared.name))

    def from_cells(self, declared: Declared, cells: Mapping[str, str]) -> Any:
        """Major units with a point and no other separator, so that no country's comma is misread."""
        text, currency = cells.get(declared.name, ""), cells.get(currency_name(declared.name), "")
        if not text and not currency:
            return None
        if not _DECIMAL.fullmatch(text) or not money.is_currency(currency):
            message = _("“%(label)s” needs an amount, as 1048.50, and a currency, as USD, in its own column.")
            raise ValueError(message % {"label": declared.label})
        return {"amount": money.parse_major(text, currency, locale="en"), "currency": currency.lower()}

    def held(self, declared: Declared, value: Any) -> Json:
        given = value or {"amount": None, "currency": None}
        return {declared.name: given["amount"], currency_name(declared.name): given["currency"]}

    def carried(self, declared: Declared) -> tuple[Field, ...]:
        name = currency_name(declared.name)
        amount = _carried(declared, FieldType.MONEY, currency_path=name)
        label = _("%s: currency") % declared.label
        return (amount, _carried(declared, FieldType.STRING, name=name, label=label))


class YesNoKind(InputKind):
    key, label = "yes_no", gettext_lazy("Yes or no")
    type = FieldType.BOOLEAN

    def read(self, value: Any) -> Any:
        return {"true": True, "false": False}[value] if isinstance(value, str) else value

    def field(self, declared: Declared) -> InputField:
        return BooleanInput(**declared.common)

    def sample(self, declared: Declared) -> bool:
        return True

    def from_cells(self, declared: Declared, cells: Mapping[str, str]) -> Any:
        text = cells.get(declared.name) or None
        return _TRUTHS.get(text.lower(), text) if text else None


class ChoiceKind(InputKind):
    key, label = "choice", gettext_lazy("Choice")
    type = FieldType.ENUM
    needs = ("choices",)

    def field(self, declared: Declared) -> InputField:
        return ChoiceInput(**declared.common, choices=tuple((one, one) for one in declared.choices))

    def sample(self, declared: Declared) -> str | None:
        return next(iter(declared.choices), None)

    def carried(self, declared: Declared) -> tuple[Field, ...]:
        return (_carried(declared, self.type, enum=declared.choices),)


class DateKind(InputKind):
    key, label = "date", gettext_lazy("Date")
    type = FieldType.TIMESTAMP

    def read(self, value: Any) -> Any:
        """A time of Stripe's is the day in the site's time zone."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return timezone.localtime(datetime.fromtimestamp(value, UTC)).date().isoformat()

    def field(self, declared: Declared) -> InputField:
        return DateInput(**declared.common)

    def sample(self, declared: Declared) -> str:
        return "2026-01-01"


class EmailKind(InputKind):
    key, label = "email", gettext_lazy("E-mail address")

    def field(self, declared: Declared) -> InputField:
        return StringInput(**declared.common, format="email")

    def sample(self, declared: Declared) -> str:
        return "customer@example.com"


class StripeIdKind(InputKind):
    key, label = "stripe_id", gettext_lazy("Stripe ID")
    type = FieldType.ID
    needs = ("of",)

    def field(self, declared: Declared) -> InputField:
        return ObjectIdInput(**declared.common, of=declared.of)

    def sample(self, declared: Declared) -> str:
        return catalogue.sample_id(declared.of) if declared.of else "sample"

    def carried(self, declared: Declared) -> tuple[Field, ...]:
        return (_carried(declared, self.type, id_of=(declared.of,) if declared.of else ()),)


KINDS: dict[str, InputKind] = {
    kind.key: kind
    for kind in (
        TextKind(),
        LongTextKind(),
        WholeNumberKind(),
        NumberKind(),
        AmountKind(),
        YesNoKind(),
        ChoiceKind(),
        DateKind(),
        EmailKind(),
        StripeIdKind(),
    )
}


def _or_as_it_is(read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return None if value is None or value == "" else read(value)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return value


def currency_name(name: str) -> str:
    """The name of the field that holds the currency of an amount."""
    return f"{name}_currency"


def _carried(declared: Declared, of_type: FieldType, **more: Any) -> Field:
    given: dict[str, Any] = {"name": declared.name, "label": declared.label, **more}
    optional = not declared.required
    return Field(path=given["name"], type=of_type, nullable=optional, help_text=declared.help_text, **given)
