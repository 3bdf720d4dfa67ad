"""Every event type of the installed SDK: label, category and the object that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.catalogue import labels, sdk
from stripeflow.triggers.catalogue.model import Category, EventType, UnknownEventType

# Events that do not carry the object named by the longest prefix of their key.
EXCEPTIONS = {
    "account.application": "application",
    "account.external_account": "external_account",
    "application_fee.refund": "fee_refund",
    "billing.alert": "billing.alert_triggered",
    "charge.dispute": "dispute",
    "charge.refund": "refund",
    "customer.discount": "discount",
    "customer.source": "customer_source",
    "customer.subscription": "subscription",
    "customer.tax_id": "tax_id",
    "sigma.scheduled_query_run": "scheduled_query_run",
    "source.mandate_notification": "source_mandate_notification",
    "source.transaction": "source_transaction",
}

# Stripe's API reference: these events carry one of several objects.
ONE_OF = {
    "external_account": ("bank_account", "card"),
    "customer_source": ("bank_account", "card", "source"),
}

# Separates the names of objects, of which a value may be any one.
ONE_OF_MARK = "|"
# The longest name of an event type that a workflow may start on; Stripe's have at most 60 characters.
LONGEST = 100
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", re.ASCII)

SUGGESTED = frozenset(
    {
        "charge.dispute.created",
        "charge.refunded",
        "checkout.session.completed",
        "customer.created",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.trial_will_end",
        "customer.subscription.updated",
        "invoice.paid",
        "invoice.payment_failed",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "payout.failed",
        "payout.paid",
        "radar.early_fraud_warning.created",
        "refund.failed",
        "review.opened",
    }
)

_CATEGORIES = {
    "payments": _("Payments"),
    "checkout": _("Checkout"),
    "billing": _("Billing"),
    "products": _("Product catalog"),
    "customers": _("Customers"),
    "radar": _("Radar"),
    "balance": _("Balance and payouts"),
    "connect": _("Connect"),
    "tax": _("Tax"),
    "issuing": _("Issuing"),
    "treasury": _("Treasury"),
    "financial_connections": _("Financial Connections"),
    "identity": _("Identity"),
    "terminal": _("Terminal"),
    "climate": _("Climate"),
    "reporting": _("Reporting"),
    "developers": _("Developers"),
    "other": _("Other"),
}

# By the carried object's name, or by its namespace.
_CATEGORY_OF = {
    "account": "connect",
    "application": "connect",
    "application_fee": "connect",
    "balance": "balance",
    "balance_settings": "balance",
    "billing": "billing",
    "billing_portal": "billing",
    "capability": "connect",
    "cash_balance": "customers",
    "charge": "payments",
    "checkout": "checkout",
    "climate": "climate",
    "coupon": "products",
    "credit_note": "billing",
    "customer": "customers",
    "customer_cash_balance_transaction": "customers",
    "customer_source": "customers",
    "discount": "customers",
    "dispute": "payments",
    "entitlements": "billing",
    "external_account": "connect",
    "fee_refund": "connect",
    "file": "reporting",
    "financial_connections": "financial_connections",
    "identity": "identity",
    "invoice": "billing",
    "invoice_payment": "billing",
    "invoiceitem": "billing",
    "issuing": "issuing",
    "mandate": "payments",
    "payment_intent": "payments",
    "payment_link": "checkout",
    "payment_method": "payments",
    "payout": "balance",
    "person": "connect",
    "plan": "products",
    "price": "products",
    "product": "products",
    "promotion_code": "products",
    "quote": "billing",
    "radar": "radar",
    "refund": "payments",
    "reporting": "reporting",
    "reserve": "balance",
    "review": "radar",
    "scheduled_query_run": "reporting",
    "setup_intent": "payments",
    "source": "payments",
    "source_mandate_notification": "payments",
    "source_transaction": "payments",
    "subscription": "billing",
    "subscription_schedule": "billing",
    "tax": "tax",
    "tax_id": "tax",
    "tax_rate": "tax",
    "terminal": "terminal",
    "test_helpers": "developers",
    "topup": "balance",
    "transfer": "connect",
    "treasury": "treasury",
}


@cache
def event_types() -> tuple[EventType, ...]:
    """Every event type of the installed SDK, in the order of their keys."""
    return tuple(_event_type(key) for key in sorted(sdk.event_type_keys()))


def event_type(key: str) -> EventType:
    """The event type of `key` ("payment_intent.succeeded"). Raises UnknownEventType."""
    try:
        return _by_key()[key]
    except KeyError:
        raise UnknownEventType(key) from None


def any_event_type(key: str) -> EventType:
    """The event type of `key`, also where the SDK does not list it: then its name says what it carries."""
    return _by_key().get(key) or replace(_event_type(key), listed=False)


def may_be_sent(key: str) -> bool:
    """Whether Stripe could send an event type of this name, listed or not."""
    return len(key) <= LONGEST and _KEY.fullmatch(key) is not None


def similar_event_types(key: str) -> tuple[str, ...]:
    """The listed event types whose names come close to `key`, those about the same object first."""
    carried = any_event_type(key).object
    alike = [one.key for one in event_types() if one.object == carried]
    found = [get_close_matches(key, keys, cutoff=0.85) for keys in (alike, sdk.event_type_keys())]
    return tuple(dict.fromkeys([*found[0], *found[1]]))


def carried_by(keys: Iterable[str]) -> str | None:
    """The object that events of these types carry, under one name for all that they may be ("charge|refund").

    None if one of them carries an object that the SDK does not have.
    """
    names = [any_event_type(key).object for key in dict.fromkeys(keys)]
    if not names or None in names:
        return None
    return ONE_OF_MARK.join(dict.fromkeys(str(name) for name in names))


def one_of(object_name: str) -> tuple[str, ...]:
    """The objects of the SDK that a name of the catalogue stands for: usually only itself."""
    names = object_name.split(ONE_OF_MARK)
    return tuple(dict.fromkeys(one for name in names for one in ONE_OF.get(name, (name,))))


def categories() -> tuple[Category, ...]:
    """The categories that hold at least one event type, in the order of the picker."""
    used = {one.category.key for one in event_types()}
    return tuple(category for key, category in _categories().items() if key in used)


@cache
def _by_key() -> MappingProxyType[str, EventType]:
    return MappingProxyType({one.key: one for one in event_types()})


@cache
def _categories() -> dict[str, Category]:
    return {key: Category(key=key, label=label, icon=key) for key, label in _CATEGORIES.items()}


def _event_type(key: str) -> EventType:
    prefix, object_name = carried_object(key)
    category = category_of(object_name)
    label = labels.event_label(key, object_name=object_name or prefix, action=key[len(prefix) + 1 :])
    return EventType(key, label, category, object_name, key in SUGGESTED, category.icon)


def carried_object(key: str) -> tuple[str, str | None]:
    """The part of an event's key that names an object, and that object's name.

    Stripe names `issuing.card` events `issuing_card.*`. A key of no known object gives (its first
    part, None).
    """
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        name = EXCEPTIONS.get(prefix) or prefix.replace("issuing_", "issuing.", 1)
        if name in ONE_OF or name in sdk.object_classes():
            return prefix, name
    return parts[0], None


def category_of(object_name: str | None) -> Category:
    """The category of the events about an object; "Other" for one without a category."""
    name = object_name or ""
    key = _CATEGORY_OF.get(name) or _CATEGORY_OF.get(name.split(".")[0], "other")
    return _categories()[key]
