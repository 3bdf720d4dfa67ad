"""The operations that people use most, in their own words: label, help, icon. Everything else has a rule."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text


@dataclass(frozen=True, slots=True)
class Curated:
    """What is said of one operation. `defaults` prefill inputs of a new step, by name."""

    label: Text
    description: Text = ""
    icon: str = ""
    defaults: tuple[tuple[str, object], ...] = ()


# One and several of what a resource is about. (Stripe's Japanese has the English words for intents.)
OBJECTS: dict[str, tuple[Text, Text]] = {
    "charges": (_("Charge"), _("Charges")),
    "checkout.sessions": (_("Checkout session"), _("Checkout sessions")),
    "checkout.sessions.line_items": (_("Checkout line item"), _("Checkout line items")),
    "coupons": (_("Coupon"), _("Coupons")),
    "credit_notes": (_("Credit note"), _("Credit notes")),
    "customers": (_("Customer"), _("Customers")),
    "disputes": (_("Dispute"), _("Disputes")),
    "events": (_("Event"), _("Events")),
    "invoice_items": (_("Invoice item"), _("Invoice items")),
    "invoices": (_("Invoice"), _("Invoices")),
    "invoices.line_items": (_("Invoice line item"), _("Invoice line items")),
    "payment_intents": ("Payment intent", "Payment intents"),
    "payment_links": (_("Payment link"), _("Payment links")),
    "payment_methods": (_("Payment method"), _("Payment methods")),
    "payouts": (_("Payout"), _("Payouts")),
    "prices": (_("Price"), _("Prices")),
    "products": (_("Product"), _("Products")),
    "promotion_codes": (_("Promotion code"), _("Promotion codes")),
    "quotes": (_("Quote"), _("Quotes")),
    "refunds": (_("Refund"), _("Refunds")),
    "reviews": (_("Review"), _("Reviews")),
    "setup_intents": ("Setup intent", "Setup intents"),
    "subscription_items": (_("Subscription item"), _("Subscription items")),
    "subscription_schedules": (_("Subscription schedule"), _("Subscription schedules")),
    "subscriptions": (_("Subscription"), _("Subscriptions")),
    "transfers": (_("Transfer"), _("Transfers")),
}

# The icons of the objects, by the first part of a resource.
ICONS = {
    "billing": "billing",
    "charges": "charge",
    "customers": "customer",
    "disputes": "warning",
    "invoice_items": "billing",
    "invoices": "billing",
    "payment_intents": "charge",
    "payment_methods": "charge",
    "payouts": "money",
    "radar": "radar",
    "refunds": "refund",
    "reviews": "radar",
    "subscription_items": "billing",
    "subscriptions": "billing",
    "transfers": "money",
}

_ONE_PAGE = _("Gives one page, the newest first: at most 100, and 10 if no limit is set.")

CURATED: dict[str, Curated] = {
    "stripe.charges.list": Curated(_("List charges"), _ONE_PAGE),
    "stripe.checkout.sessions.line_items.list": Curated(
        _("List what was bought in a checkout session"),
        _("The products, quantities and amounts of a checkout session. Gives one page, at most 100."),
    ),
    "stripe.checkout.sessions.retrieve": Curated(
        _("Retrieve a checkout session"), _("Look up a checkout session, as it is now.")
    ),
    "stripe.customers.list": Curated(_("List customers"), _ONE_PAGE),
    "stripe.customers.retrieve": Curated(
        _("Retrieve a customer"),
        _("Look up a customer, so that the steps after this one can use the name, e-mail and metadata."),
    ),
    "stripe.disputes.close": Curated(
        _("Accept a dispute as lost"),
        _("Tells the bank that you do not contest it. Nothing brings the money back."),
    ),
    "stripe.disputes.list": Curated(_("List disputes"), _ONE_PAGE),
    "stripe.disputes.retrieve": Curated(
        _("Retrieve a dispute"), _("Look up a dispute: its reason, amount, and until when to answer.")
    ),
    "stripe.disputes.update": Curated(
        _("Add evidence to a dispute"),
        _("Stages evidence, or submits it to the bank. What was submitted cannot be changed any more."),
    ),
    "stripe.events.retrieve": Curated(_("Retrieve an event"), _("Look up an event of the last 30 days.")),
    "stripe.invoices.create": Curated(
        _("Create an invoice"),
        _("Creates a draft. “Finalize an invoice” or “Collect an invoice now” charges it later."),
        defaults=(("auto_advance", False),),
    ),
    "stripe.invoices.finalize_invoice": Curated(
        _("Finalize an invoice"),
        _(
            "Turns a draft into an open invoice. Its amounts cannot be changed any more, and with automatic "
            "collection Stripe charges the customer."
        ),
    ),
    "stripe.invoices.list": Curated(_("List invoices"), _ONE_PAGE),
    "stripe.invoices.mark_uncollectible": Curated(
        _("Mark an invoice as uncollectible"), _("Writes it off as bad debt. Stripe stops collecting it.")
    ),
    "stripe.invoices.pay": Curated(
        _("Collect an invoice now"),
        _(
            "Charges the customer outside of Stripe's own schedule. Do not use it while Stripe still retries "
            "by itself: “Next payment attempt” of the invoice is then filled in."
        ),
    ),
    "stripe.invoices.retrieve": Curated(
        _("Retrieve an invoice"), _("Look up an invoice, as it is now: whether it is paid, and what is due.")
    ),
    "stripe.invoices.send_invoice": Curated(
        _("Send an invoice"),
        _("E-mails an invoice to the customer by Stripe. In test mode Stripe sends no e-mail."),
    ),
    "stripe.invoices.update": Curated(
        _("Update an invoice"),
        _("Changes an invoice. Most fields of one that is finalized cannot be changed any more."),
    ),
    "stripe.invoices.void_invoice": Curated(
        _("Void an invoice"),
        _("Declares an open invoice void, as if it had been a mistake. It stays on record."),
    ),
    "stripe.payment_intents.cancel": Curated(
        _("Cancel a payment intent"),
        _("Gives up a payment that is not complete, and frees what was authorized."),
    ),
    "stripe.payment_intents.list": Curated(_("List payment intents"), _ONE_PAGE),
    "stripe.payment_intents.retrieve": Curated(
        _("Retrieve a payment intent"), _("Look up a payment intent: its status, amount and latest charge.")
    ),
    "stripe.payouts.list": Curated(_("List payouts"), _ONE_PAGE),
    "stripe.payouts.retrieve": Curated(
        _("Retrieve a payout"), _("Look up a payout: its status, amount, and why it failed.")
    ),
    "stripe.refunds.list": Curated(_("List refunds"), _ONE_PAGE),
    "stripe.refunds.retrieve": Curated(_("Retrieve a refund"), _("Look up a refund, as it is now.")),
    "stripe.reviews.approve": Curated(
        _("Approve a review"), _("Closes a review of Radar: the payment is fine. Nothing opens it again.")
    ),
    "stripe.reviews.retrieve": Curated(
        _("Retrieve a review"), _("Look up a review of Radar: why it was opened, and of which payment.")
    ),
    "stripe.subscriptions.cancel": Curated(
        _("Cancel a subscription now"),
        _(
            "Ends it at once. To let it run until the end of its period, use “Update a subscription” and "
            "“Cancel at period end”."
        ),
    ),
    "stripe.subscriptions.list": Curated(
        _("List subscriptions"),
        _("Gives one page, the newest first. Canceled ones only if “Status” asks for them."),
    ),
    "stripe.subscriptions.retrieve": Curated(
        _("Retrieve a subscription"), _("Look up a subscription: its status, prices and current period.")
    ),
    "stripe.subscriptions.update": Curated(
        _("Update a subscription"),
        _(
            "Changes settings that are not charged for. A subscription whose collection is paused stays "
            "active. Its prices cannot be changed here, since that may charge the customer at once."
        ),
    ),
}
