"""Which plain strings are IDs of other objects.

The SDK marks most references as expandable. The others are plain strings; this table holds the names
that mean one thing wherever they stand, and those that do only when the docstring speaks of an ID.
"""

from __future__ import annotations

import re

_SURE = {
    "customer": "customer",
    "customer_account": "account",
    "charge": "charge",
    "coupon": "coupon",
    "credit_reversal": "treasury.credit_reversal",
    "debit_reversal": "treasury.debit_reversal",
    "duplicate_charge_id": "charge",
    "financial_account": "treasury.financial_account",
    "financial_connections_account": "financial_connections.account",
    "inbound_transfer": "treasury.inbound_transfer",
    "invoice": "invoice",
    "invoice_item": "invoiceitem",
    "invoice_line_item": "line_item",
    "issuing_card": "issuing.card",
    "latest_payment_attempt_record": "payment_attempt_record",
    "mandate": "mandate",
    "meter": "billing.meter",
    "payment_intent": "payment_intent",
    "payment_intent_id": "payment_intent",
    "payment_method": "payment_method",
    "payment_method_configuration": "payment_method_configuration",
    "payment_record": "payment_record",
    "payout": "payout",
    "price": "price",
    "product": "product",
    "promotion_code": "promotion_code",
    "received_credit": "treasury.received_credit",
    "received_debit": "treasury.received_debit",
    "released_subscription": "subscription",
    "setup_intent": "setup_intent",
    "shipping_rate": "shipping_rate",
    "subscription": "subscription",
    "subscription_item": "subscription_item",
    "tax_code": "tax_code",
    "tax_rate": "tax_rate",
    "topup": "topup",
    "value_list": "radar.value_list",
}
_IF_THE_DOCSTRING_SAYS_SO = {
    "account": "account",
    "application": "application",
    "calculation": "tax.calculation",
    "configuration_overrides": "terminal.configuration",
    "connected_account": "account",
    "file": "file",
    "generated_card": "payment_method",
    "location": "terminal.location",
    "on_behalf_of": "account",
    "reader": "terminal.reader",
    "recovered_from": "checkout.session",
    "report_type": "reporting.report_type",
    "source": "source",
    "template": "invoice_rendering_template",
}
_SPEAKS_OF_ID = re.compile(r"\bIDs?\b|\bid\b")


def id_of(name: str, *, doc: str, nested: bool, owner: str) -> tuple[str, ...] | None:
    """The object names that a plain string attribute is the ID of; None if it is not an ID.

    `owner` is the object that has the attribute; `nested` is true below the object's root, where an
    `id` is not the owner's (and the answer is an empty tuple: an ID of something not known).
    """
    if name == "id":
        return () if nested else (owner,)
    if (owner, name) == ("event", "account"):
        return ("account",)
    if name in _SURE:
        return (_SURE[name],)
    if name in _IF_THE_DOCSTRING_SAYS_SO and _SPEAKS_OF_ID.search(doc):
        return (_IF_THE_DOCSTRING_SAYS_SO[name],)
    return None
