"""The catalogue's values: event types, categories and typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class UnknownEventType(LookupError):  # noqa: N818 (named as the question that failed)
    """The installed `stripe` package knows no event type of this key."""


class UnknownObject(LookupError):  # noqa: N818
    """The installed `stripe` package knows no object of this name."""


class FieldType(StrEnum):
    """What a field's value is, in Stripe's JSON.

    INTEGER, BOOLEAN, STRING, OBJECT and LIST are JSON's own. MONEY is an integer in the minor units of
    the currency at `Field.currency_path`; TIMESTAMP an integer in seconds since the Unix epoch; ENUM a
    string with known values, of which Stripe may add more; ID a string naming an object; METADATA an
    object whose values are all strings. DECIMAL is a JSON number, or a string of digits where Stripe
    sends exact decimals (`unit_amount_decimal`). ANY is what the SDK leaves untyped.
    """

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    ENUM = "enum"
    ID = "id"
    METADATA = "metadata"
    OBJECT = "object"
    LIST = "list"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Category:
    """A group of event types in the picker; `icon` names a drawing, not a file."""

    key: str
    label: StrOrPromise
    icon: str

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type: `object` names what `data.object` holds, None where the SDK does not say.

    `suggested` marks the short reviewed list that is offered first, and `listed` what the installed SDK
    knows; Stripe sends others too, to accounts of older and newer API versions. `description` is empty as
    long as the SDK documents no single event types.
    """

    key: str
    label: str
    category: Category
    object: str | None
    suggested: bool = False
    icon: str = ""
    description: str = ""
    listed: bool = True

    @property
    def has_previous_attributes(self) -> bool:
        """Whether the event always says what changed; those of other types than `*.updated` may."""
        return self.key.endswith(".updated")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, or of a list's items.

    `path` is dotted and starts at the object's root ("lines.data.0.amount"; `*` stands for any index),
    or at the item's root for fields from `item_fields` and `item_field`. `currency_path` of a MONEY
    field starts at the same root, unless `currency_from_object` says that it starts at the object's
    root although `path` starts at an item's.

    `nullable`: Stripe may send null or leave it out. `optional`: it may be missing, since it or
    something above it is nullable, in a list, or a free key. `item` is the type of a LIST's items, or
    of the values of an OBJECT with free keys (`cash_balance.available`). `enum` is never closed.
    `id_of` has several names where an ID may be of several objects, none where the SDK does not say.
    `until` names the API version that took the field away, where the SDK's own version lacks it.
    """

    name: str
    path: str
    label: str
    type: FieldType
    nullable: bool = False
    optional: bool = False
    help_text: str = ""
    enum: tuple[str, ...] = ()
    id_of: tuple[str, ...] = ()
    currency_path: str | None = None
    # The currency itself, where it is the key of a map by currency ("currency_options.usd.unit_amount").
    currency: str | None = None
    currency_from_object: bool = False
    item: Field | None = None
    has_children: bool = False
    until: str = ""
