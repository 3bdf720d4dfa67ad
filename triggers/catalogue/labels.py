"""Names for people: fields, objects and events in Stripe's own wording."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from stripeflow.triggers.catalogue.shapes import LIST_OF

# Words that are not lower case in the middle of a label.
_WORDS = {
    "ach": "ACH",
    "api": "API",
    "atm": "ATM",
    "bic": "BIC",
    "cvc": "CVC",
    "dob": "date of birth",
    "gte": "at least",
    "iban": "IBAN",
    "id": "ID",
    "ids": "IDs",
    "ip": "IP",
    "kyc": "KYC",
    "livemode": "live mode",
    "mcc": "MCC",
    "pdf": "PDF",
    "pin": "PIN",
    "sca": "SCA",
    "sepa": "SEPA",
    "sms": "SMS",
    "ssn": "SSN",
    "swift": "SWIFT",
    "uri": "URI",
    "url": "URL",
    "urls": "URLs",
    "us": "US",
    "vat": "VAT",
    "invoiceitem": "invoice item",
}
_PHRASES = {
    "three_d_secure": "3D Secure",
    "us_bank_account": "US bank account",
    "created": "Created at",
    "dob": "Date of birth",
    "sepa_debit": "SEPA debit",
}

_OBJECT_LABELS = {
    "balance_settings": "Balance settings",
    "billing.alert_triggered": "Billing alert trigger",
    "billing_portal.configuration": "Customer portal configuration",
    "billing_portal.session": "Customer portal session",
    "customer_source": "Payment source",
    "entitlements.active_entitlement_summary": "Active entitlement summary",
    "external_account": "External account",
    "fee_refund": "Application fee refund",
    "invoiceitem": "Invoice item",
    "item": "Checkout line item",
    "line_item": "Invoice line item",
    "tax.settings": "Tax settings",
    "tax_id": "Tax ID",
}
# Namespaces whose last part says enough by itself ("Early fraud warning").
_SILENT_NAMESPACES = frozenset({"entitlements", "identity", "radar", "reporting", "test_helpers"})
_NAMESPACES = {"financial_connections": "Financial Connections", "billing_portal": "Customer portal"}

_EVENT_LABELS = {
    "account.application.authorized": "Application authorized",
    "account.application.deauthorized": "Application deauthorized",
    "balance.available": "Balance available",
    "billing.alert.triggered": "Billing alert triggered",
    "cash_balance.funds_available": "Cash balance funds available",
    "charge.refund.updated": "Charge refund updated",
    "customer.source.created": "Customer payment source created",
    "customer.source.deleted": "Customer payment source deleted",
    "customer.source.expiring": "Customer payment source expiring",
    "customer.source.updated": "Customer payment source updated",
    "customer.tax_id.created": "Customer tax ID created",
    "customer.tax_id.deleted": "Customer tax ID deleted",
    "customer.tax_id.updated": "Customer tax ID updated",
    "customer.discount.created": "Customer discount created",
    "customer.discount.deleted": "Customer discount deleted",
    "customer.discount.updated": "Customer discount updated",
    "customer.subscription.deleted": "Subscription canceled",
    "invoice.will_be_due": "Invoice will be due",
    "payment_intent.payment_failed": "Payment intent failed",
    "setup_intent.setup_failed": "Setup intent failed",
    "source.transaction.created": "Source transaction created",
    "source.transaction.updated": "Source transaction updated",
    "source.mandate_notification": "Source mandate notification",
}


def humanize(name: str) -> str:
    """A label for a snake_case name: "amount_received" gives "Amount received"."""
    if name in _PHRASES:
        return _PHRASES[name]
    return sentence(_WORDS.get(word, word) for word in name.split("_") if word)


def sentence(words: Iterable[str]) -> str:
    """The words with the first letter of the first in upper case, the others as they are."""
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def id_label(name: str) -> str:
    """A label for a field that holds an ID: "customer" gives "Customer ID", "id" gives "ID"."""
    if name.split("_")[-1] in ("id", "ids"):
        return humanize(name)
    return f"{humanize(name)} ID"


def object_label(object_name: str) -> str:
    """ "payment_intent" gives "Payment intent", "issuing.card" gives "Issuing card".

    Of one of several ("charge|refund") the label is "Charge or refund".
    """
    first, *others = object_name.split("|")
    if others:
        return gettext(" or ").join([object_label(first), *(_small(object_label(one)) for one in others)])
    if object_name.startswith(LIST_OF):
        return plural(object_label(object_name.removeprefix(LIST_OF)))
    if object_name in _OBJECT_LABELS:
        return _OBJECT_LABELS[object_name]
    namespace, _, name = object_name.rpartition(".")
    if not namespace or namespace in _SILENT_NAMESPACES:
        return humanize(name)
    return f"{_NAMESPACES.get(namespace, humanize(namespace))} {_small(humanize(name))}"


def plural(label: str) -> str:
    """ "Invoice" gives "Invoices", "Balance settings" stays."""
    if label.endswith("s") and not label.endswith("ss"):
        return label
    if label.endswith("y") and label[-2:-1] not in "aeiou":
        return f"{label[:-1]}ies"
    return f"{label}es" if label.endswith(("s", "x", "ch", "sh")) else f"{label}s"


def _small(label: str) -> str:
    return f"{label[:1].lower()}{label[1:]}"


def event_label(key: str, *, object_name: str, action: str) -> str:
    """A label for an event: the object that it carries and what happened to it.

    `action` is the part of the key after the object ("payment_failed").
    """
    if key in _EVENT_LABELS:
        return _EVENT_LABELS[key]
    what = " ".join(humanize(part) for part in action.split("."))
    return f"{object_label(object_name)} {what[:1].lower()}{what[1:]}".replace("created at", "created")
