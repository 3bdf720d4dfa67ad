"""How values, fields and results read in sentences.

Sentences are built only when somebody reads them, in the active language: matching an event creates
thousands. What a run keeps of them is cut; evaluation itself never cuts anything.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from stripeflow.actions.money import MAX_MINOR, format_minor
from stripeflow.workflows.conditions.field_types import Money, Reading, is_metadata
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.truth import MISSING
from stripeflow.workflows.conditions.values import ValueKind
from stripeflow.workflows.references import MissingValue, Path, parse_path

# From the path of a field to what people call it, or None.
LabelOf = Callable[[str], str | None]

MAX_CHARACTERS = 200
MAX_NAMED = 10


@dataclass(frozen=True)
class ValueInWords:
    """One JSON value, for people.

    `type` is the field's, or "currency" for a code; `currency` is the code that was found beside it.
    """

    value: Any
    type: str | None = None
    currency: Any = None

    def __str__(self) -> str:
        if self.value is MISSING:
            return _("missing")
        if self.value is None:
            return _("null")
        if isinstance(self.value, bool):
            return _("true") if self.value else _("false")
        if isinstance(self.value, str):
            return self._text(self.value)
        if isinstance(self.value, list | dict):
            return self._container(self.value)
        return self._number(self.value)

    def _text(self, text: str) -> str:
        if not text:
            return _("an empty text")
        short = shorten(text)
        if self.type == "currency":
            return short.upper()
        return short if self.type in {"enum", "id"} else _("“{text}”").format(text=short)

    def _container(self, value: list[Any] | dict[str, Any]) -> str:
        if isinstance(value, dict):
            if not value:
                return _("an empty object")
            return ngettext("an object with {n} key", "an object with {n} keys", len(value)).format(
                n=len(value)
            )
        if not value:
            return _("an empty list")
        return ngettext("a list of {n} item", "a list of {n} items", len(value)).format(n=len(value))

    def _number(self, value: float) -> str:
        if isinstance(value, int) and self.type == "money" and isinstance(self.currency, str):
            return money(value, self.currency)
        if isinstance(value, int) and self.type == "timestamp":
            return moment(value)
        return shorten(str(value))


def money(amount: int, currency: str) -> str:
    """An amount of minor units with its currency; an absurdly large one stays a plain number."""
    if abs(amount) > MAX_MINOR:
        return f"{shorten(str(amount))} {currency.upper()}"
    return format_minor(amount, shorten(currency))


def moment(seconds: float) -> str:
    """Unix seconds as date and time in UTC; a number that is no date stays a plain number."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def shorten(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


def listed(texts: Sequence[str], last: str) -> str:
    """Joins texts, with `last` before the final one; those after the tenth are only counted."""
    if len(texts) > MAX_NAMED:
        rest = len(texts) - MAX_NAMED
        more = ngettext("{n} more", "{n} more", rest).format(n=rest)
        texts = [*texts[:MAX_NAMED], more]
    *first, final = texts
    return f"{', '.join(first)}{last}{final}" if first else final


@dataclass(frozen=True)
class ExpectedInWords:
    """The value of a test as `read_value` gave it, for people: "$5.00 USD and $9.00 USD", "3 days".

    `other` is the field whose value it is.
    """

    value: Any
    kind: ValueKind
    type: str | None
    other: "Label | None" = None

    def __str__(self) -> str:
        if self.kind is ValueKind.NONE:
            return ""
        if self.kind is ValueKind.DAYS:
            return str(self.value.plainest)
        if self.kind is ValueKind.ONE:
            shown = self._one(self.value)
            return _("{field} ({value})").format(field=self.other, value=shown) if self.other else shown
        last = pgettext("from one value to another", " and ") if self.kind is ValueKind.TWO else _(" or ")
        return listed([self._one(value) for value in self.value], last)

    def _one(self, value: Any) -> str:
        if isinstance(value, Money):
            return money(value.amount, value.currency)
        if isinstance(value, str | bool):
            return str(ValueInWords(value, self.type))
        return moment(value) if self.type == "timestamp" else shorten(str(value))


@dataclass(frozen=True)
class Label:
    """What people call a field: what `label_of` says, or its path in words; with how it is read."""

    field: str
    label_of: LabelOf | None = None
    reading: Reading | None = None

    def __str__(self) -> str:
        found = self.label_of(self.field) if self.label_of else None
        label = found or path_in_words(parse_path(self.field))
        if self.reading is None:
            return label
        text = str(self.reading.phrase).format(field=label)
        return text[:1].upper() + text[1:] if self.reading.key == "count" else text


def shown_type(test: Test, type_key: str | None) -> str | None:
    """The type by which the values of a test are shown: codes of currencies stand in capital letters."""
    return "currency" if test.field and is_currency(test.path) else type_key


def is_currency(path: Path) -> bool:
    """Whether a path leads to a currency's code; a key of metadata holds what somebody put there."""
    return path[-1] == "currency" and not is_metadata(path)


def path_in_words(path: Path) -> str:
    """A path for people: `trigger.amount_details.tip` is "Amount details › Tip".

    The keys of metadata are somebody's own words, and stay as they are.
    """
    start = 1 if path[0] in {"trigger", "steps", "item", "canceled_by"} and len(path) > 1 else 0
    return " › ".join(
        str(part) if is_metadata(path[: place + 1]) else _in_words(part)
        for place, part in enumerate(path)
        if place >= start
    )


def _in_words(part: str | int) -> str:
    if isinstance(part, int):
        return f"#{part}"
    words = part.replace("_", " ").strip()
    words = words[:-2] + "ID" if words.endswith(" id") or words == "id" else words
    return words[:1].upper() + words[1:] or part


@dataclass(frozen=True)
class Sentence:
    """A text with named places, and what goes there. `str()` of it follows the active language."""

    template: str | Promise
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = str(self.template)
        return text.format(**self.values) if self.values else text


@dataclass(frozen=True)
class Cause:
    """Why a value is missing, as a sentence."""

    error: MissingValue
    label_of: LabelOf | None = None

    def __str__(self) -> str:
        return self.error.reason(lambda path: str(Label(path, self.label_of)))


MAX_CHARACTERS = 200
MAX_ITEMS = 20


def shortened(value: Any, *, levels: int) -> tuple[Any, bool]:
    """A JSON value cut to a readable size, and whether anything was cut.

    Texts have at most 200 characters, lists and objects 20 items; lists and objects below
    `levels` levels of them become "[…]" or "{…}".
    """
    cutter = _Cutter()
    return cutter.cut(value, levels), cutter.was_cut


class _Cutter:
    def __init__(self) -> None:
        self.was_cut = False

    def cut(self, value: Any, levels: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | dict) and value and not levels:
            self.was_cut = True
            return "{…}" if isinstance(value, dict) else "[…]"
        if isinstance(value, dict):
            kept = self._items(list(value.items()))
            return {self._text(str(key)): self.cut(item, levels - 1) for key, item in kept}
        if isinstance(value, list):
            return [self.cut(item, levels - 1) for item in self._items(value)]
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    def _text(self, text: str) -> str:
        if len(text) <= MAX_CHARACTERS:
            return text
        self.was_cut = True
        return text[: MAX_CHARACTERS - 1] + "…"

    def _items(self, items: list[Any]) -> list[Any]:
        if len(items) <= MAX_ITEMS:
            return items
        self.was_cut = True
        return items[:MAX_ITEMS]
