"""How much money an operation moves, as far as that is known before the call: what the daily limits count.

A repeat of the call must not count more than the first one, so nothing here changes by the call itself: it
is what is due in whole, not what is left.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """Where an operation's amount stands.

    `input` is the parameter that says it, "" if none does. Where it is empty, or there is none, `field` of
    the object `reads` (a resource, by the operation's first id) says it; without `reads` the step fails. The
    currency is the parameter "currency", or that of the object that was read. `switch` is a parameter that,
    set to no, has nothing move.
    """

    input: str = "amount"
    reads: str = ""
    field: str = "amount"
    switch: str = ""


COUNTED: dict[str, Counted] = {
    "stripe.application_fees.refunds.create": Counted(reads="application_fees"),
    "stripe.charges.capture": Counted(reads="charges"),
    "stripe.charges.create": Counted(),
    "stripe.customers.balance_transactions.create": Counted(),
    "stripe.invoice_items.create": Counted(),
    "stripe.invoices.finalize_invoice": Counted(
        "", reads="invoices", field="amount_due", switch="auto_advance"
    ),
    "stripe.invoices.pay": Counted("", reads="invoices", field="amount_due"),
    "stripe.payment_intents.capture": Counted("amount_to_capture", reads="payment_intents"),
    "stripe.payment_intents.confirm": Counted("", reads="payment_intents"),
    "stripe.payment_intents.create": Counted(),
    "stripe.payouts.create": Counted(),
    "stripe.payouts.reverse": Counted("", reads="payouts"),
    "stripe.topups.create": Counted(),
    "stripe.transfers.create": Counted(),
    "stripe.transfers.reversals.create": Counted(reads="transfers"),
}
