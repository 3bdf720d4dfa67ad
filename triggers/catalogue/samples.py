"""Sample objects for previews and tests, built from the types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripeflow.triggers.catalogue.model import Field, FieldType
from stripeflow.triggers.catalogue.typed_fields import children, fields

# 2026-01-01 00:00 UTC, so that a sample never changes between two previews.
TIMESTAMP = 1_767_225_600
AMOUNT = 200_000
CURRENCY = "usd"
_DEEPEST = 5

# Stripe's prefixes of IDs; other objects get the initials of their name.
_ID_PREFIXES = {
    "account": "acct",
    "balance_transaction": "txn",
    "bank_account": "ba",
    "charge": "ch",
    "checkout.session": "cs_test",
    "credit_note": "cn",
    "customer": "cus",
    "dispute": "dp",
    "event": "evt",
    "invoice": "in",
    "invoiceitem": "ii",
    "line_item": "il",
    "payment_intent": "pi",
    "payment_method": "pm",
    "payout": "po",
    "plan": "plan",
    "price": "price",
    "product": "prod",
    "promotion_code": "promo",
    "radar.early_fraud_warning": "issfr",
    "refund": "re",
    "review": "prv",
    "setup_intent": "seti",
    "subscription": "sub",
    "subscription_item": "si",
    "subscription_schedule": "sub_sched",
    "tax_rate": "txr",
    "transfer": "tr",
}
# Nullable fields that an everyday object has filled in.
_USUAL = frozenset(
    {
        "address",
        "balance",
        "balance_transaction",
        "billing_details",
        "charge",
        "currency",
        "customer",
        "customer_details",
        "description",
        "email",
        "invoice",
        "items",
        "latest_charge",
        "lines",
        "metadata",
        "name",
        "payment_intent",
        "payment_method",
        "product",
        "subscription",
    }
)
_TEXTS = {
    "city": "San Francisco",
    "country": "US",
    "currency": CURRENCY,
    "description": "Sample",
    "email": "customer@example.com",
    "line1": "1 Sample Street",
    "name": "Sample customer",
    "postal_code": "94103",
    "state": "CA",
}
# In a sample these are the whole amount; refunds and fees are smaller.
_WHOLE = frozenset(
    {
        "amount",
        "amount_captured",
        "amount_due",
        "amount_paid",
        "amount_received",
        "amount_subtotal",
        "amount_total",
        "net",
        "subtotal",
        "total",
        "unit_amount",
    }
)
_PREFERRED = ("succeeded", "paid", "active", "complete", "card", "automatic")
_TRUE = frozenset({"active", "actionable", "captured", "charges_enabled", "enabled", "paid"})
_FILLED = _USUAL | _WHOLE | _TRUE | frozenset(_TEXTS)
# Stripe sends this only for a deleted object.
_ABSENT = frozenset({"deleted"})


def sample(object_name: str) -> dict[str, Any]:
    """A plausible object with its top-level fields, the same at each call. Raises UnknownObject."""
    return _filled(object_name, fields(object_name), 1)


def sample_id(object_name: str) -> str:
    """A made-up ID that shows its kind: "ch_sample"."""
    prefix = _ID_PREFIXES.get(object_name) or "".join(
        word[0] for word in object_name.replace(".", "_").split("_") if word
    )
    return f"{prefix}_sample"


def _filled(object_name: str, of: tuple[Field, ...], depth: int) -> dict[str, Any]:
    return {one.name: _value(object_name, one, depth) for one in of if one.name not in _ABSENT}


def _value(object_name: str, one: Field, depth: int) -> Any:
    """A value of the field's type; null where an everyday object has null."""
    if one.nullable and one.name not in _FILLED:
        return None
    if one.type is FieldType.OBJECT:
        return _object(object_name, one, depth)
    if one.type is FieldType.LIST:
        return _list(object_name, one, depth)
    return _SCALARS[one.type](one)


def _object(object_name: str, one: Field, depth: int) -> dict[str, Any]:
    if depth >= _DEEPEST:
        return {}
    return _filled(object_name, children(object_name, one.path), depth + 1)


def _list(object_name: str, one: Field, depth: int) -> list[Any]:
    if one.name == "payment_method_types":
        return ["card"]
    if one.item is None or depth >= _DEEPEST or not one.has_children:
        return []
    return [_object(object_name, one.item, depth)]


def _text(one: Field) -> str:
    return _TEXTS.get(one.name, "sample")


def _enum(one: Field) -> str:
    return next((value for value in _PREFERRED if value in one.enum), one.enum[0])


def _money(one: Field) -> int:
    return AMOUNT if one.name in _WHOLE else 0


def _boolean(one: Field) -> bool:
    return one.name in _TRUE


def _id(one: Field) -> str:
    return sample_id(one.id_of[0]) if one.id_of else "id_sample"


_SCALARS: dict[FieldType, Callable[[Field], Any]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: lambda one: 1,
    FieldType.DECIMAL: lambda one: 1.0,
    FieldType.MONEY: _money,
    FieldType.BOOLEAN: _boolean,
    FieldType.TIMESTAMP: lambda one: TIMESTAMP,
    FieldType.ENUM: _enum,
    FieldType.ID: _id,
    FieldType.METADATA: lambda one: {},
    FieldType.ANY: lambda one: None,
}
