"""What an operation can do to people and money: a rule, and reviewed tables of exceptions.

What is neither read nor reviewed here counts as moving money and as destructive. An operation that moves
money, whose amount is not known before the call, is off: no daily limit could count it. So an operation that
a new SDK brings is off until somebody has reviewed it, unless it only reads, deletes or cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.operations import Operation


class Off(StrEnum):
    """Why nobody can use an operation."""

    UNCOUNTED = "uncounted"
    SECRET = "secret"  # noqa: S105 - no password: why it is off


@dataclass(frozen=True, slots=True)
class Marks:
    """What an operation does, for permissions, gates and limits."""

    moves_money: bool = False
    destructive: bool = False
    changes_customers: bool = False
    off: Off | None = None


READS = Marks()
_CALM = Marks(changes_customers=True)
_DESTROYS = Marks(destructive=True, changes_customers=True)
_COUNTED = Marks(moves_money=True, destructive=True, changes_customers=True)
_DOUBT = Marks(moves_money=True, destructive=True, changes_customers=True, off=Off.UNCOUNTED)
_SECRET = Marks(moves_money=True, destructive=True, changes_customers=True, off=Off.SECRET)

# Methods that end what they are about, whatever that is. They move no money.
_ENDING = frozenset(
    {
        "archive",
        "cancel",
        "close",
        "deactivate",
        "delete_discount",
        "detach",
        "expire",
        "mark_uncollectible",
        "redact",
        "release",
        "void_credit_note",
        "void_grant",
        "void_invoice",
    }
)

# What they answer opens something: a key, a link that logs in, a secret. Also what sends our events
# elsewhere.
_OPENING = frozenset(
    {
        "account_links",
        "account_sessions",
        "accounts.login_links",
        "apps.secrets",
        "billing_portal.sessions",
        "customer_sessions",
        "ephemeral_keys",
        "file_links",
        "financial_connections.sessions",
        "identity.verification_sessions",
        "terminal.connection_tokens",
        "terminal.onboarding_links",
        "tokens",
        "webhook_endpoints",
    }
)
# Reading them shows no more than a reference or a status. (A session of Identity keeps its link.)
_OPENING_READ = frozenset({"webhook_endpoints", "tokens"})
# They end or delete something as others do, and money moves by it.
_UNCOUNTED = frozenset({"stripe.subscription_items.delete"})

# Reviewed: no money moves by the call, nothing ends. What they change, another call can set back.
CALM: dict[str, frozenset[str]] = {
    resource: frozenset(methods.split())
    for resource, methods in {
        "accounts.persons": "create update",
        "apple_pay_domains": "create",
        "application_fees.refunds": "update",
        "billing.alerts": "activate create",
        "billing.feedback_options": "create update",
        "billing.meters": "create reactivate update",
        "billing_portal.configurations": "create update",
        "charges": "update",
        "checkout.sessions": "create update",
        "coupons": "create update",
        "credit_notes": "update",
        "customers": "create update",
        "customers.balance_transactions": "update",
        "customers.funding_instructions": "create",
        "customers.tax_ids": "create",
        "entitlements.features": "create update",
        "invoice_rendering_templates": "unarchive",
        "invoices": "create_preview",
        "payment_links": "create update",
        "payment_method_domains": "create update validate",
        "payment_methods": "attach update",
        "payouts": "update",
        "plans": "create update",
        "prices": "create update",
        "products": "create update",
        "products.features": "create",
        "promotion_codes": "create update",
        "quotes": "create update",
        "radar.value_lists": "create update",
        "refunds": "update",
        "reporting.report_runs": "create",
        "setup_intents": "create update",
        "shipping_rates": "create update",
        "tax.calculations": "create",
        "tax_ids": "create",
        "tax_rates": "create update",
        "topups": "update",
        "transfers": "update",
        "transfers.reversals": "update",
    }.items()
}

# Reviewed: no money moves by the call itself, but nothing brings back what it does: an invoice that is
# final, a review that is approved, evidence that is submitted, a message that is sent, a payment that is let
# through.
FINAL: dict[str, frozenset[str]] = {
    resource: frozenset(methods.split())
    for resource, methods in {
        "accounts": "reject unreject",
        "billing.credit_grants": "update",
        "billing.meter_event_adjustments": "create",
        "billing.meter_events": "create",
        "customers.cash_balance": "update",
        "disputes": "update",
        "invoices": "create remove_lines send_invoice update",
        "payment_intents": "update",
        "payment_method_configurations": "create update",
        "quotes": "finalize_quote",
        "radar.value_list_items": "create",
        "reviews": "approve",
        "subscriptions": "update",
        "tax.registrations": "create update",
        "tax.settings": "update",
        "tax.transactions": "create_from_calculation create_reversal",
    }.items()
}

# Inputs that are not offered: they could move money by a call that is marked as if it moved none, send to
# another account what is paid later, or have the answer show what it leaves out by itself. A dotted name lies
# inside an object.
WITHHELD: dict[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        # Numbers of cards, accounts and identity documents can be asked for by expanding them.
        "stripe.identity.verification_reports.list": "expand",
        "stripe.identity.verification_reports.retrieve": "expand",
        "stripe.issuing.cards.list": "expand",
        "stripe.issuing.cards.retrieve": "expand",
        "stripe.treasury.financial_accounts.list": "expand",
        "stripe.treasury.financial_accounts.retrieve": "expand",
        "stripe.checkout.sessions.create": (
            "payment_intent_data.transfer_data subscription_data.transfer_data"
        ),
        "stripe.payment_links.create": "transfer_data",
        "stripe.payment_links.update": "transfer_data",
        # What is due less than nothing is a credit, as by an adjustment of the balance, which is counted.
        "stripe.customers.create": "balance",
        # It may be an invoice that Stripe charges by itself.
        "stripe.invoices.update": "shipping_cost",
        "stripe.setup_intents.create": "confirm",
        # Each of these can make an invoice that is charged at once.
        "stripe.subscription_schedules.cancel": "invoice_now prorate",
        "stripe.subscriptions.cancel": "invoice_now prorate",
        "stripe.subscriptions.update": (
            "add_invoice_items billing_cycle_anchor billing_thresholds cancel_at items off_session "
            "payment_behavior pending_invoice_item_interval proration_behavior proration_date trial_end "
            "trial_from_plan"
        ),
    }.items()
}

# Switches that have Stripe charge by itself later, by a call that counts nothing. They may only be turned
# off.
ONLY_OFF: dict[str, str] = {
    "stripe.invoices.create": "auto_advance",
    "stripe.invoices.update": "auto_advance",
}


def marks_of(operation: Operation) -> Marks:
    """What the operation does."""
    if operation.resource in _OPENING:
        is_harmless = not operation.writes and operation.resource in _OPENING_READ
        return READS if is_harmless else _SECRET
    if not operation.writes:
        return READS
    if operation.key in COUNTED:
        return _COUNTED
    if operation.key in _UNCOUNTED:
        return _DOUBT
    if operation.verb == "delete" or operation.method in _ENDING:
        return _DESTROYS
    if operation.method in CALM.get(operation.resource, ()):
        return _CALM
    return _DESTROYS if operation.method in FINAL.get(operation.resource, ()) else _DOUBT
