"""How much money an operation moves, as far as that is known before the call: what the daily limits count.

A repeat of the call must not count more than the first one, so nothing here changes by the call itself: it
is what is due in whole, not what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Customer(StrEnum):
    """Where the customer stands whose money an operation moves: for the daily limits for one customer."""

    # Of what is sent, or of the object that is read.
    NAMED = "named"
    # The first id in the address.
    IN_PATH = "in_path"
    # It is the account's own money, or another account's.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Counted:
    """Where an operation's amount stands.

    `input` is the parameter that says it, "" if none does. Where it is empty, or there is none, `field` of
    the object `reads` (a resource, by the operation's first id) says it; without `reads` the step fails. The
    currency is the parameter "currency", or that of the object that was read. `switch` is a parameter that,
    set to no, has nothing move. `customer` says where the customer stands.
    """

    input: str = "amount"
    reads: str = ""
    field: str = "amount"
    switch: str = ""
    customer: Customer = Customer.NAMED

    def customer_in(self, ids: tuple[str, ...], *named: Mapping[str, Any]) -> str | None:
        """The customer that the call is about: "" if nothing names it, None if it is about none.

        `ids` are those of the address, and `named` what is sent and what was read.
        """
        if self.customer is Customer.NONE:
            return None
        if self.customer is Customer.IN_PATH:
            return ids[0]
        found = (one.get(name) for one in named for name in _CUSTOMER)
        return next((text for value in found if (text := _id(value))), "")


# An account of version 2 of the API may be a customer, too.
_CUSTOMER = ("customer", "customer_account")


def _id(value: Any) -> str:
    own = value.get("id") if isinstance(value, dict) else value
    return own if isinstance(own, str) else ""


COUNTED: dict[str, Counted] = {
    "stripe.application_fees.refunds.create": Counted(reads="application_fees", customer=Customer.NONE),
    "stripe.charges.capture": Counted(reads="charges"),
    "stripe.charges.create": Counted(),
    "stripe.customers.balance_transactions.create": Counted(customer=Customer.IN_PATH),
    "stripe.invoice_items.create": Counted(),
    "stripe.invoices.finalize_invoice": Counted(
        "", reads="invoices", field="amount_due", switch="auto_advance"
    ),
    "stripe.invoices.pay": Counted("", reads="invoices", field="amount_due"),
    "stripe.payment_intents.capture": Counted("amount_to_capture", reads="payment_intents"),
    "stripe.payment_intents.confirm": Counted("", reads="payment_intents"),
    "stripe.payment_intents.create": Counted(),
    "stripe.payouts.create": Counted(customer=Customer.NONE),
    "stripe.payouts.reverse": Counted("", reads="payouts", customer=Customer.NONE),
    "stripe.topups.create": Counted(customer=Customer.NONE),
    "stripe.transfers.create": Counted(customer=Customer.NONE),
    "stripe.transfers.reversals.create": Counted(reads="transfers", customer=Customer.NONE),
}
