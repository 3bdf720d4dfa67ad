"""Which integers are money, and where their currency stands: the reviewed rules.

The SDK's types do not tell money from a count. A field is money if its name or docstring says so (or
`OTHER_CURRENCY` does), it is not in `NOT_MONEY`, and a currency is known: the one in `OTHER_CURRENCY`,
or else the nearest `currency` beside or above it in the same object. What looks like money but has no
such currency stays an integer. `tests/triggers/catalogue/test_money.py` compares the outcome for every
object of the SDK with reviewed lists, so that an upgrade of the SDK shows each new field.
"""

from __future__ import annotations

import re

from stripeflow.triggers.catalogue import docstrings

Path = tuple[str, ...]

_NAMES = re.compile(
    r"^(?:amount|amount_\w+|\w+_amount|amounts?_\w+|\w+_amount_\w+"
    r"|total|total_excluding_tax|subtotal|subtotal_excluding_tax|fee|fee_amount|atm_fee|net|tax"
    r"|balance|starting_balance|ending_balance|unit_cost)$"
)
# Amounts whose own name says nothing.
_PLACES = re.compile(
    r"(?:^|\.)(?:source_types\.\w+|balance_impact\.\w+|monetary\.value"
    r"|custom_unit_amount\.(?:maximum|minimum|preset))$"
)

# Paths start at the object's root, `*` stands for a list's index. The value is the currency's path.
OTHER_CURRENCY: dict[str, dict[str, str]] = {
    "charge": {"presentment_details.presentment_amount": "presentment_details.presentment_currency"},
    "checkout.session": {
        "currency_conversion.amount_subtotal": "currency_conversion.source_currency",
        "currency_conversion.amount_total": "currency_conversion.source_currency",
        "presentment_details.presentment_amount": "presentment_details.presentment_currency",
    },
    "issuing.authorization": {
        "merchant_amount": "merchant_currency",
        "pending_request.merchant_amount": "pending_request.merchant_currency",
        "request_history.*.merchant_amount": "request_history.*.merchant_currency",
    },
    "issuing.cardholder": {
        "spending_controls.spending_limits.*.amount": "spending_controls.spending_limits_currency",
    },
    "issuing.transaction": {"merchant_amount": "merchant_currency"},
    "payment_intent": {
        "presentment_details.presentment_amount": "presentment_details.presentment_currency",
    },
    "promotion_code": {"restrictions.minimum_amount": "restrictions.minimum_amount_currency"},
    "refund": {"presentment_details.presentment_amount": "presentment_details.presentment_currency"},
    "source_mandate_notification": {"amount": "source.currency"},
}

# Looks like money by name or docstring, and is not in the currency that the rules would find.
NOT_MONEY: dict[str, frozenset[str]] = {
    # "In cents": whether the card's currency or the merchant's, Stripe does not say.
    "issuing.transaction": frozenset(
        {"purchase_details.receipt.*.total", "purchase_details.receipt.*.unit_cost"}
    ),
}

# Maps by currency: each key is the code of the currency that all amounts below it are in. Those whose values
# are whole numbers are all amounts; `tests/triggers/catalogue/test_money.py` lists every map of the SDK.
_BY_CURRENCY = re.compile(
    r"(?:^|\.)(?:currency_options|current_prices_per_metric_ton|available|invoice_credit_balance"
    r"|minimum_balance_by_currency|balance\.(?:current|cash|inbound_pending|outbound_pending|credit\.used))$"
)
_CODE = re.compile(r"[A-Za-z]{3}", re.ASCII)

# Parts of another object that have no currency of their own: their owner's holds.
PARTS = frozenset(
    {
        "credit_note_line_item",
        "payment_intent_amount_details_line_item",
        "subscription_item",
        "tax.calculation_line_item",
        "tax.transaction_line_item",
    }
)


def looks_like_money(path: Path, *, doc: str) -> bool:
    """Whether an integer attribute is an amount of money by its name, its place or its docstring."""
    named = _NAMES.search(path[-1]) or _PLACES.search(".".join(path))
    return bool(named) or docstrings.speaks_of_minor_units(doc)


def currency_of_key(map_path: Path, key: str) -> str:
    """The currency that a key of a map is, for the amounts below it; "" for any other map and key."""
    is_code = _CODE.fullmatch(key) and _BY_CURRENCY.search(".".join(map_path))
    return key.lower() if is_code else ""


def other_currency(owner: str, path: Path) -> Path | None:
    """The currency's path, where it is not the nearest one; both paths start at the owner's root."""
    explicit = OTHER_CURRENCY.get(owner, {}).get(".".join(path))
    return tuple(explicit.split(".")) if explicit else None


def is_in_nearest_currency(owner: str, path: Path, *, doc: str) -> bool:
    """Whether an integer is an amount in the `currency` beside or above it (if there is one)."""
    if ".".join(path) in NOT_MONEY.get(owner, ()):
        return False
    return looks_like_money(path, doc=doc)
