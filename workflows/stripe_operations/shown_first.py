"""The fields that people need first, in their order: a reviewed table, of Stripe's own choice for its own
tools.

An operation that is not here shows its required fields first, then those that `RULE` names.
"""

from __future__ import annotations

# (Read from stripe-cli at f5f390bc, August 2026; `metadata` is added where the operation takes it.)
SHOWN_FIRST: dict[str, str] = {
    "stripe.charges.update": "customer description receipt_email shipping.name",
    "stripe.charges.capture": (
        "amount application_fee receipt_email statement_descriptor statement_descriptor_suffix"
    ),
    "stripe.checkout.sessions.create": (
        "automatic_tax.enabled client_reference_id customer customer_email mode return_url success_url "
        "ui_mode line_items"
    ),
    "stripe.coupons.create": "amount_off currency duration name percent_off",
    "stripe.credit_notes.create": "invoice memo reason",
    "stripe.customers.create": "email name phone description address.country address.line1 payment_method",
    "stripe.customers.update": "email name phone description address.country address.line1",
    "stripe.customers.balance_transactions.create": "amount currency description",
    "stripe.disputes.update": "submit",
    "stripe.invoice_items.create": "amount currency customer description period.start period.end",
    "stripe.invoices.create": (
        "customer subscription collection_method days_until_due auto_advance "
        "automatic_tax.enabled description"
    ),
    "stripe.invoices.update": (
        "auto_advance automatic_tax.enabled collection_method days_until_due due_date description"
    ),
    "stripe.invoices.finalize_invoice": "auto_advance",
    "stripe.payment_intents.create": (
        "amount currency automatic_payment_methods.enabled confirm customer description off_session "
        "payment_method payment_method_types receipt_email setup_future_usage statement_descriptor"
    ),
    "stripe.payment_intents.update": (
        "amount currency customer description payment_method payment_method_types receipt_email "
        "setup_future_usage statement_descriptor"
    ),
    "stripe.payment_intents.cancel": "cancellation_reason",
    "stripe.payment_intents.capture": "amount_to_capture",
    "stripe.payment_intents.confirm": "payment_method payment_method_types receipt_email setup_future_usage",
    "stripe.payment_methods.attach": "customer",
    "stripe.payouts.create": "amount currency description statement_descriptor",
    "stripe.prices.create": ("active currency nickname product recurring.interval tax_behavior unit_amount"),
    "stripe.products.create": "active description name tax_code",
    "stripe.promotion_codes.create": "code promotion.type promotion.coupon",
    "stripe.radar.value_list_items.create": "value value_list",
    "stripe.subscriptions.update": (
        "cancel_at_period_end description default_payment_method collection_method pause_collection.behavior"
    ),
    "stripe.topups.create": "amount currency description",
    "stripe.transfers.create": "amount currency description destination",
    "stripe.transfers.reversals.create": "amount description",
    "stripe.billing.meter_events.create": "event_name payload identifier timestamp",
    "stripe.tax_rates.create": "display_name inclusive percentage active country description state",
    "stripe.setup_intents.create": (
        "automatic_payment_methods.enabled customer description payment_method usage"
    ),
    "stripe.subscriptions.cancel": "cancellation_details.comment cancellation_details.feedback",
    "stripe.invoices.pay": "payment_method off_session paid_out_of_band",
    "stripe.charges.list": "limit customer payment_intent created.gte created.lte",
    "stripe.refunds.list": "limit charge payment_intent created.gte created.lte",
    "stripe.disputes.list": "limit charge payment_intent created.gte created.lte",
    "stripe.invoices.list": "limit customer subscription status created.gte created.lte due_date.lte",
    "stripe.subscriptions.list": "limit customer price status created.gte created.lte",
    "stripe.payment_intents.list": "limit customer created.gte created.lte",
    "stripe.payouts.list": "limit status created.gte created.lte",
    "stripe.customers.list": "limit email created.gte created.lte",
    "stripe.checkout.sessions.line_items.list": "limit",
}

# For the others: these, where the operation has them, in this order.
RULE = (
    "amount",
    "currency",
    "customer",
    "limit",
    "query",
    "status",
    "name",
    "email",
    "description",
    "reason",
    "created.gte",
    "created.lte",
    "metadata",
)
# So many fields may be shown without asking.
MOST = 12


def first_of(key: str, names: tuple[str, ...], required: frozenset[str]) -> tuple[str, ...]:
    """The names of the fields to show first, out of all `names` of the operation."""
    if key in SHOWN_FIRST:
        wanted: tuple[str, ...] = (*SHOWN_FIRST[key].split(), "metadata")
    else:
        wanted = names if len(names) <= len(RULE) // 2 else RULE
    needed = [name for name in names if name in required]
    return tuple(dict.fromkeys([*needed, *(name for name in wanted if name in names)]))[
        : max(MOST, len(needed))
    ]
