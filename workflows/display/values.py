"""Inputs and outputs as rows of label and value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.base import Action, OutputField
from stripeflow.actions.dashboard import Dashboard, is_stripe_id
from stripeflow.actions.inputs import DateInput, IdInput, MoneyInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.named_secrets import name_in
from stripeflow.actions.visible import single_line, visible
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.json_safety import readable

# What people look for first in a Stripe object, of those that it has.
_HEADLINES = (
    "id",
    "amount",
    "amount_total",
    "total",
    "amount_refunded",
    "balance",
    "status",
    "reason",
    "fraud_type",
    "name",
    "email",
    "customer",
    "charge",
    "payment_intent",
    "latest_charge",
    "invoice",
    "subscription",
    "description",
    "metadata",
    "created",
)
_LONG = 120
# The keys of a row that names its value: of metadata, of labelled values, and of typed ones.
_NAMED = ({"key", "value"}, {"label", "value"}, {"name", "value"})


@dataclass(frozen=True)
class Row:
    """One value: `kind` is text, id, long or rows (then `rows` holds them). `link` leads to Stripe."""

    label: str
    text: str = ""
    kind: str = "text"
    link: str = ""
    rows: tuple["Row", ...] = ()

    @property
    def one_line(self) -> str:
        """All of it as one text."""
        if self.kind != "rows":
            return self.text
        return ", ".join(text for row in self.rows if (text := row.one_line))

    def __post_init__(self) -> None:
        # Both may be a customer's words.
        object.__setattr__(self, "label", single_line(self.label))
        object.__setattr__(self, "text", visible(self.text))


@dataclass(frozen=True)
class Values:
    """What a step sent or got: rows to read, the whole as JSON, or a sentence on why it is hidden."""

    rows: tuple[Row, ...] = ()
    json: str = ""
    hidden: str = ""

    @classmethod
    def withheld(cls) -> "Values":
        """In place of values for somebody who may not see payloads."""
        return cls(hidden=_("Seeing these values needs the permission to see payloads."))

    def __bool__(self) -> bool:
        return bool(self.rows or self.json or self.hidden)


def pretty(value: Any) -> str:
    """Any JSON value, indented."""
    return readable(value)


@dataclass(frozen=True)
class Reader:
    """Makes rows of the values of one run; ids lead to its Stripe account and mode.

    `title_of` gives the title of the step of a key.
    """

    dashboard: Dashboard
    title_of: Callable[[str], str] = str

    def inputs(
        self,
        action: Action,
        inputs: dict[str, Any],
        outputs: dict[str, Any] | None,
        *,
        currencies: Mapping[str, str] | None = None,
    ) -> Values:
        """The inputs as they were sent, secrets hidden.

        The currency of an amount that names none is that of `currencies`, or else of the outputs.
        """
        shown = action.masked(inputs)
        currency, known = (outputs or {}).get("currency"), currencies or {}
        rows = [
            self._input(one, shown[one.name], shown, known.get(one.name, currency))
            for one in action.inputs
            if not one.is_empty(shown.get(one.name))
        ]
        return Values(tuple(rows))

    def outputs(self, action: Action, outputs: dict[str, Any]) -> Values:
        """The outputs by their labels, and whole as JSON where the rows do not say everything."""
        rows = tuple(
            self._output(one, outputs)
            for one in action.outputs.fields
            if _at(outputs, one.name) not in (None, "", [], {})
        )
        if not action.outputs.object:
            return Values(rows)
        found = self.object(action.outputs.object, outputs)
        return Values(rows + found.rows, found.json)

    def object(self, name: str, value: dict[str, Any]) -> Values:
        """The telling fields of a Stripe object, and the whole of it as JSON."""
        rows = tuple(self._field(name, key, value) for key in _headlines(value))
        return Values(rows, pretty(value) if value else "")

    def _output(self, one: OutputField, outputs: dict[str, Any]) -> Row:
        label, value = str(one.label), _at(outputs, one.name)
        if one.type == FieldType.MONEY:
            return Row(label, amount_text(value, _at(outputs, one.currency)))
        if one.type == FieldType.TIMESTAMP and isinstance(value, int):
            return Row(label, moment(value))
        return self._row(label, value)

    def _input(self, one: InputField, value: Any, inputs: dict[str, Any], currency: str | None) -> Row:
        label = str(one.label)
        if name := name_in(value) if one.secret else "":
            return self._row(label, _("the secret “%s”") % name)
        if isinstance(one, MoneyInput):
            other = inputs.get(one.currency_input) if one.currency_input else None
            return Row(label, amount_text(value, other or currency))
        if isinstance(one, IdInput) and isinstance(value, str):
            return Row(label, value, "id", self.dashboard.url(value))
        if isinstance(one, DateInput) and isinstance(value, int):
            return Row(label, moment(value))
        if key := next(one.step_keys(value), ""):
            return Row(label, one.step_words(self.title_of(key)))
        labels = dict(getattr(one, "choices", ()))
        if labels and isinstance(value, list):
            value = [str(labels.get(each, each)) for each in value]
        elif isinstance(value, str):
            value = str(labels.get(value, value))
        return self._row(label, value)

    def _field(self, object_name: str, key: str, value: dict[str, Any]) -> Row:
        found = _known(object_name, key)
        label = str(found.label) if found else key
        if found and found.type == FieldType.MONEY:
            return Row(label, amount_text(value[key], found.currency or _at(value, found.currency_path)))
        if found and found.type == FieldType.TIMESTAMP and isinstance(value[key], int):
            return Row(label, moment(value[key]))
        if found and found.type == FieldType.ID and isinstance(value[key], str):
            return Row(label, value[key], "id", self.dashboard.url(value[key]))
        return self._row(label, value[key])

    def _row(self, label: str, value: Any) -> Row:
        if isinstance(value, dict):
            return Row(label, kind="rows", rows=tuple(self._row(str(key), one) for key, one in value.items()))
        if isinstance(value, list):
            return self._list(label, value)
        text = _scalar(value)
        if is_stripe_id(text):
            return Row(label, text, "id", self.dashboard.url(text))
        return Row(label, text, "long" if len(text) > _LONG or "\n" in text else "text")

    def _list(self, label: str, value: list[Any]) -> Row:
        if not any(isinstance(item, dict | list) for item in value):
            return Row(label, ", ".join(map(_scalar, value)))
        return Row(
            label, kind="rows", rows=tuple(self._item(number, one) for number, one in enumerate(value, 1))
        )

    def _item(self, number: int, item: Any) -> Row:
        """A row of metadata or of labelled values by its own name, anything else by its number."""
        if isinstance(item, dict) and item.keys() - {"type"} in _NAMED:
            (name,) = item.keys() - {"type", "value"}
            return self._row(str(item[name]), item["value"])
        return self._row(str(number), item)


def amount_text(value: Any, currency: Any) -> str:
    """An amount in minor units, or with its own currency, for people."""
    if isinstance(value, dict):
        value, currency = value.get("amount"), value.get("currency")
    if not isinstance(value, int):
        return _scalar(value)
    if isinstance(currency, str) and money.is_currency(currency):
        return money.format_minor(value, currency)
    # Zero is zero in every currency.
    return _("%d in minor units") % value if value else "0"


def moment(seconds: int) -> str:
    """Unix seconds as date and time in the site's time zone."""
    try:
        return date_format(localtime(datetime.fromtimestamp(seconds, UTC)), "DATETIME_FORMAT")
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def _headlines(value: dict[str, Any]) -> Iterator[str]:
    return (key for key in _HEADLINES if value.get(key) not in (None, "", [], {}))


def _known(object_name: str, key: str) -> Field | None:
    try:
        return catalogue.field(object_name, key)
    except catalogue.UnknownObject:
        return None


def _at(value: dict[str, Any], path: str | None) -> Any:
    found: Any = value
    for part in path.split(".") if path else ():
        found = found.get(part) if isinstance(found, dict) else None
    return found if path else None


def _scalar(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value if isinstance(value, str) else pretty(value)
