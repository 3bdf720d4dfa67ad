"""Fields of older versions of Stripe's API that the installed SDK no longer annotates.

An event has the shape of its account's (or endpoint's) API version, which may be years old. From Stripe's
changelog; fields that are missing here are still known from recent events (`stripeflow.triggers.recent`).
"""

from __future__ import annotations

from stripeflow.triggers.catalogue.shapes import Attribute, Kind, Shape, TypeRef

BASIL = "2025-03-31.basil"
CLOVER = "2025-09-30.clover"
_CHARGES = "2022-11-15"

_STRING, _INTEGER, _BOOLEAN = TypeRef(Kind.STRING), TypeRef(Kind.INTEGER), TypeRef(Kind.BOOLEAN)
_TIME = "Unix timestamp."


def _id_of(name: str) -> TypeRef:
    return TypeRef(Kind.EXPANDABLE, objects=(name,))


def _object(name: str) -> TypeRef:
    return TypeRef(Kind.OBJECT, objects=(name,))


def _list_of(name: str) -> TypeRef:
    items = Attribute("data", TypeRef(Kind.LIST, item=_object(name)))
    return TypeRef(Kind.NESTED, shape=Shape("ListObject", {"data": items}, list_object=True))


# Object, field, its type, the first version without it, and its help text.
_FIELDS: tuple[tuple[str, str, TypeRef, str, str], ...] = (
    ("charge", "invoice", _id_of("invoice"), BASIL, ""),
    ("checkout.session", "shipping_details", TypeRef(Kind.ANY), BASIL, ""),
    ("credit_note", "refund", _id_of("refund"), BASIL, ""),
    ("discount", "coupon", _object("coupon"), CLOVER, ""),
    ("invoice", "charge", _id_of("charge"), BASIL, ""),
    ("invoice", "discount", _object("discount"), BASIL, ""),
    ("invoice", "paid", _BOOLEAN, BASIL, ""),
    ("invoice", "paid_out_of_band", _BOOLEAN, BASIL, ""),
    ("invoice", "payment_intent", _id_of("payment_intent"), BASIL, ""),
    ("invoice", "quote", _id_of("quote"), BASIL, ""),
    ("invoice", "subscription", _id_of("subscription"), BASIL, ""),
    ("invoice", "tax", _INTEGER, BASIL, "The amount of tax."),
    ("invoiceitem", "plan", _object("plan"), BASIL, ""),
    ("invoiceitem", "price", _object("price"), BASIL, ""),
    ("invoiceitem", "subscription", _id_of("subscription"), BASIL, ""),
    ("line_item", "invoice_item", _id_of("invoiceitem"), BASIL, ""),
    ("line_item", "plan", _object("plan"), BASIL, ""),
    ("line_item", "price", _object("price"), BASIL, ""),
    ("line_item", "proration", _BOOLEAN, BASIL, ""),
    ("line_item", "subscription_item", _id_of("subscription_item"), BASIL, ""),
    ("line_item", "type", _STRING, BASIL, ""),
    ("payment_intent", "charges", _list_of("charge"), _CHARGES, ""),
    ("payment_intent", "invoice", _id_of("invoice"), BASIL, ""),
    ("promotion_code", "coupon", _object("coupon"), CLOVER, ""),
    ("subscription", "current_period_end", _INTEGER, BASIL, _TIME),
    ("subscription", "current_period_start", _INTEGER, BASIL, _TIME),
    ("subscription", "discount", _object("discount"), BASIL, ""),
)

FIELDS: dict[str, dict[str, Attribute]] = {}
for _owner, _name, _type, _until, _doc in _FIELDS:
    FIELDS.setdefault(_owner, {})[_name] = Attribute(_name, _type, nullable=True, doc=_doc, until=_until)
