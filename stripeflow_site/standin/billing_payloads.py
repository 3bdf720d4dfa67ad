"""Builders of subscriptions, invoices, disputes, reviews, payouts and checkout sessions, as `payloads` has
the others.

Amounts are in minor units, times in whole seconds.
"""

from collections.abc import Mapping
from typing import Any

from stripeflow_site.standin.identifiers import new_id
from stripeflow_site.standin.payloads import Object, created_at

MONTH = 30 * 24 * 3600


def _base(kind: str, prefix: str, given: Mapping[str, Any]) -> Object:
    return {
        "id": given.get("id") or new_id(prefix),
        "object": kind,
        "created": created_at(given.get("created")),
        "livemode": bool(given.get("livemode", False)),
        "metadata": dict(given.get("metadata") or {}),
    }


def _page(url: str, data: list[Object]) -> Object:
    return {"object": "list", "data": data, "has_more": False, "url": url}


def price(**given: Any) -> Object:  # noqa: ANN401 - any field of the object
    """A monthly price of $20.00."""
    amount = given.get("unit_amount", 2_000)
    return (
        _base("price", "price", given)
        | {
            "active": True,
            "billing_scheme": "per_unit",
            "currency": "usd",
            "lookup_key": None,
            "nickname": None,
            "product": "prod_standin",
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
            "tax_behavior": "unspecified",
            "type": "recurring",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
        | given
    )


def product(**given: Any) -> Object:  # noqa: ANN401
    """A product."""
    return (
        _base("product", "prod", given)
        | {"active": True, "default_price": None, "description": None, "images": [], "name": "Sample plan"}
        | given
    )


def subscription(**given: Any) -> Object:  # noqa: ANN401
    """An active monthly subscription with one price."""
    base = _base("subscription", "sub", given)
    start = base["created"]
    item = {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": start,
        "current_period_end": start + MONTH,
        "current_period_start": start,
        "metadata": {},
        "price": price(created=start),
        "quantity": 1,
        "subscription": base["id"],
    }
    return (
        base
        | {
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": start,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": {"comment": None, "feedback": None, "reason": None},
            "collection_method": "charge_automatically",
            "currency": "usd",
            "customer": None,
            "days_until_due": None,
            "default_payment_method": None,
            "description": None,
            "discounts": [],
            "ended_at": None,
            "items": _page(f"/v1/subscription_items?subscription={base['id']}", [item]),
            "latest_invoice": None,
            "pause_collection": None,
            "schedule": None,
            "start_date": start,
            "status": "active",
            "trial_end": None,
            "trial_start": None,
        }
        | given
    )


def invoice(**given: Any) -> Object:  # noqa: ANN401
    """A draft over `total` minor units (by default $20.00), or one of the given `status`."""
    base = _base("invoice", "in", given)
    total, is_paid = given.get("total", 2_000), given.get("status") == "paid"
    return (
        base
        | {
            "amount_due": total,
            "amount_overpaid": 0,
            "amount_paid": total if is_paid else 0,
            "amount_remaining": 0 if is_paid else total,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": True,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
            "billing_reason": "manual",
            "collection_method": "charge_automatically",
            "currency": "usd",
            "customer": None,
            "customer_email": None,
            "customer_name": None,
            "days_until_due": None,
            "description": None,
            "due_date": None,
            "footer": None,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "lines": _page(f"/v1/invoices/{base['id']}/lines", []),
            "next_payment_attempt": None,
            "number": None,
            "parent": None,
            "period_end": base["created"],
            "period_start": base["created"],
            "status": "draft",
            "status_transitions": dict.fromkeys(
                ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
            ),
            "subtotal": total,
            "total": total,
        }
        | given
    )


def dispute(**given: Any) -> Object:  # noqa: ANN401
    """A dispute over $20.00 that needs a response within a week."""
    base = _base("dispute", "dp", given)
    return (
        base
        | {
            "amount": 2_000,
            "balance_transactions": [],
            "charge": None,
            "currency": "usd",
            "enhanced_eligibility_types": [],
            "evidence": {"product_description": None, "uncategorized_text": None},
            "evidence_details": {
                "due_by": base["created"] + 7 * 24 * 3600,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "payment_intent": None,
            "reason": "fraudulent",
            "status": "needs_response",
        }
        | given
    )


def review(**given: Any) -> Object:  # noqa: ANN401
    """An open review of Radar."""
    base = _base("review", "prv", given)
    base.pop("metadata")
    return (
        base
        | {
            "billing_zip": None,
            "charge": None,
            "closed_reason": None,
            "ip_address": None,
            "open": True,
            "opened_reason": "rule",
            "payment_intent": None,
            "reason": "rule",
        }
        | given
    )


def payout(**given: Any) -> Object:  # noqa: ANN401
    """A payout of $100.00 that has arrived, or of the given `status`."""
    base = _base("payout", "po", given)
    return (
        base
        | {
            "amount": 10_000,
            "arrival_date": base["created"],
            "automatic": True,
            "balance_transaction": None,
            "currency": "usd",
            "description": "STRIPE PAYOUT",
            "destination": "ba_standin",
            "failure_code": None,
            "failure_message": None,
            "method": "standard",
            "original_payout": None,
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": "paid",
            "type": "bank_account",
        }
        | given
    )


def checkout_session(**given: Any) -> Object:  # noqa: ANN401
    """A completed checkout of $20.00; `line_items` is the list that its own address gives."""
    base = _base("checkout.session", "cs_test", given)
    line = {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": 2_000,
        "amount_tax": 0,
        "amount_total": 2_000,
        "currency": "usd",
        "description": "Sample plan",
        "price": price(created=base["created"]),
        "quantity": 1,
    }
    return (
        base
        | {
            "amount_subtotal": 2_000,
            "amount_total": 2_000,
            "currency": "usd",
            "customer": None,
            "customer_details": None,
            "line_items": _page(f"/v1/checkout/sessions/{base['id']}/line_items", [line]),
            "mode": "payment",
            "payment_intent": None,
            "payment_status": "paid",
            "status": "complete",
            "url": None,
        }
        | given
    )


BUILDERS = {
    "checkout.session": checkout_session,
    "dispute": dispute,
    "invoice": invoice,
    "payout": payout,
    "price": price,
    "product": product,
    "review": review,
    "subscription": subscription,
}
